"""One formula as markup: MathML, or its source where it cannot be typeset."""

from __future__ import annotations

from html import escape

from grader.reports.typesetting import dialect
from grader.reports.typesetting.mathml import LONGEST, mathml


def typeset(latex: str, display: bool) -> str:
    r"""Safe markup. A display stands in a box that scrolls, and so does a text between its rows (``\intertext``)."""
    made = _made(latex, display)
    if made is None:
        shown = source(latex)
        return f'<span class="formula">{shown}</span>' if display else shown
    return made


def source(latex: str) -> str:
    """The formula as it was written."""
    return f'<code class="tex">{escape(latex)}</code>'


def _made(latex: str, display: bool) -> str | None:
    if not latex.strip() or len(latex) > LONGEST or dialect.defines(latex):
        return None
    pieces = dialect.parts(dialect.rewritten(latex))
    if not display and len(pieces) == 1:
        return mathml(pieces[0][0], False)
    made = [_between(text) if is_text else mathml(text, True) for text, is_text in pieces]
    return None if None in made else "".join(f'<span class="formula">{part}</span>' for part in made)


def _between(text: str) -> str | None:
    r"""A text between rows, which ``\text`` can hold."""
    return mathml(dialect.rewritten(rf"\text{{{' '.join(text.split())}}}"), False)
