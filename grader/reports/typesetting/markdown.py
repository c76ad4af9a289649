"""The part of Markdown that prose here may use, by markdown-it: no markup, links or pictures.

Formulas are taken out first and put back last, so that Markdown sees neither their backslashes nor their underscores; a
character for private use, which no text has here (``grader.printing``), stands for each. Nor does it see an
underscore, or an asterisk within a product: ``p_X`` and ``2*x*y`` stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from grader.reports.typesetting.formulas import typeset
from grader.reports.typesetting.highlighting import listing
from grader.reports.typesetting.splitting import Formula, split

LONGEST = 50_000  # longer texts are shown as they are
_OPEN, _CLOSE, _UNDERSCORE, _ASTERISK, _BAR = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
_HELD = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_WITH_MARKS = re.compile(rf"([(\[]*){_HELD.pattern}([.,;:?!)\]…]*)")
_PRODUCT = re.compile(r"(?<=[\w)\]}\ue001])\*+(?=[\w(\[{\\\ue000])")
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)[^`\n]+\1")
_SHOWN = str.maketrans({_UNDERSCORE: "_", _ASTERISK: "*", _BAR: "|"})
_RELATION = re.compile(r"\s*(?:[=≤≥≠≈∝∼⟹⇒⇔→≡]|<=|>=|=>|->|:=)")


def blocks(text: str) -> str:
    """Safe markup of paragraphs, lists, tables and listings."""
    return _rendered(text, _PARSER.parse) or f'<p class="plain">{escape(text)}</p>'


def line(text: str) -> str:
    """Safe markup to stand within a line."""
    return _rendered(text, _PARSER.parseInline) or escape(text)


def _rendered(text: str, parse: Callable[[str, EnvType], Sequence[Token]]) -> str:
    """The markup; empty where Markdown would leave something out."""
    if len(text) > LONGEST:
        return ""
    formulas: list[Formula] = []
    env: EnvType = {"formulas": formulas}
    held = "".join(_held(piece, formulas) for piece in split(text))
    tokens = parse(held, env)
    if _letters(held) > sum(_letters(token.content) + _letters(token.info) for token in tokens):
        return ""
    made = str(_PARSER.renderer.render(tokens, _PARSER.options, env))
    return _WITH_MARKS.sub(lambda found: _typeset(formulas[int(found[2])], found[1], found[3]), made).translate(_SHOWN)


def _held(piece: str | Formula, formulas: list[Formula]) -> str:
    if isinstance(piece, Formula):
        formulas.append(piece)
        return f"{_OPEN}{len(formulas) - 1}{_CLOSE}"
    piece = _CODE.sub(lambda found: found[0].replace("|", _BAR), piece.replace("_", _UNDERSCORE))
    return _PRODUCT.sub(lambda found: _ASTERISK * len(found[0]), piece)


def _typeset(found: Formula, before: str, after: str) -> str:
    """The formula, and on the same line the marks that belong to it: a line may break beside MathML, whatever it is."""
    made = typeset(found.latex, found.display)
    kept = (before or after) and made.startswith("<math")
    return f'<span class="kept">{before}{made}{after}</span>' if kept else f"{before}{made}{after}"


def _letters(text: str) -> int:
    """Markdown leaves out lists too deep in lists and cells beyond a table's width; it must not go unseen."""
    return sum(map(str.isalpha, text))


def _restored(text: str, env: EnvType) -> str:
    """Code as it was written: what was taken for a formula or a product in it was none."""
    return _HELD.sub(lambda found: env["formulas"][int(found[1])].source, text).translate(_SHOWN)


class _Renderer(RendererHTML):
    """No attributes but ``class`` and ``start``, no headings (a page has its own), listings by ``highlighting``."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        return listing(_restored(token.content, env), _restored(token.info, env))

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<code>{escape(_restored(tokens[idx].content, env))}</code>"

    def softbreak(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A line that goes on with a relation is a line of a computation."""
        return "<br />\n" if idx + 1 < len(tokens) and _RELATION.match(tokens[idx + 1].content) else "\n"

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "<p><strong>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</strong></p>\n"

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return '<div class="table"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _cell(tokens[idx])

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _cell(tokens[idx])


def _cell(token: Token) -> str:
    _, _, side = str(token.attrGet("style") or "").partition(":")
    return f'<{token.tag} class="{side}">' if side in ("left", "right", "center") else f"<{token.tag}>"


_RULES = "paragraph list heading fence table newline escape backticks emphasis".split()
_PARSER = MarkdownIt("zero", {"maxNesting": 100, "xhtmlOut": True}, renderer_cls=_Renderer).enable(_RULES)
