"""Formulas, prose and code for pages: formulas as MathML, which browsers lay out themselves, without scripts or fonts.

The renderer was chosen by trial (``benchmarks/typesetting.py``), on every formula of the course, of students' answers
and of students' proofs. Whatever is given comes back as markup that is safe in a page: text of a student is escaped,
MathML is written anew from a list of elements, and what cannot be typeset is shown as its source. No function raises
for any text.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from markupsafe import Markup

from grader.printing import printable
from grader.reports.typesetting import highlighting, markdown
from grader.reports.typesetting.formulas import typeset
from grader.reports.typesetting.mathml import new_page
from grader.reports.typesetting.splitting import bare

__all__ = ["code", "formula", "new_page", "prose", "sentence", "styles"]


def formula(latex: str, display: bool = False) -> Markup:
    r"""One formula, with or without ``$…$``, ``\(…\)``, ``$$…$$`` or ``\[…\]`` around it.

    ``display``: on a line of its own. Rows (``&``, ``\\``) need no environment. Not for prose with formulas in it.
    """
    found = bare(printable(latex))
    return Markup(typeset(found.latex, display))


def prose(text: str) -> Markup:
    """Paragraphs, lists, emphasis, tables and code in Markdown, with formulas. No links, pictures or markup."""
    return Markup(markdown.blocks(printable(text)))


def sentence(text: str) -> Markup:
    """The same within a line: emphasis, code and formulas, without a paragraph around them."""
    return Markup(markdown.line(printable(text)))


def code(text: str, language: str = "python") -> Markup:
    """A listing, its parts marked by classes; without marks in a language that is not known."""
    return Markup(highlighting.listing(printable(text), language))


@lru_cache(maxsize=1)
def styles() -> str:
    """CSS for what the others return, light, dark and on paper.

    Colours are properties that a page may set itself: ``--typeset-…``.
    """
    return files("grader.reports.typesetting").joinpath("typesetting.css").read_text(encoding="utf-8")
