"""LaTeX as people write it, rewritten into what the renderer knows: environments, tags, texts with formulas, macros."""

from __future__ import annotations

import re
from collections.abc import Callable

# What is customary and not part of LaTeX itself. None of them leads to itself, so expanding them ends.
MACROS = {
    "E": r"\mathbb{E}",
    "EE": r"\mathbb{E}",
    "KL": r"\mathrm{KL}",
    "DKL": r"D_{\mathrm{KL}}",
    "ELBO": r"\mathrm{ELBO}",
    "Var": r"\operatorname{Var}",
    "Cov": r"\operatorname{Cov}",
    "tr": r"\operatorname{tr}",
    "Tr": r"\operatorname{Tr}",
    "diag": r"\operatorname{diag}",
    "rank": r"\operatorname{rank}",
    "sign": r"\operatorname{sign}",
    "sgn": r"\operatorname{sgn}",
    "softmax": r"\operatorname{softmax}",
    "given": r"\mid",
    "ind": r"\perp\!\!\!\perp",
    "indep": r"\perp\!\!\!\perp",
    "independent": r"\perp\!\!\!\perp",
    "norm": r"\left\|#1\right\|",
    "abs": r"\left|#1\right|",
    "ceil": r"\left\lceil#1\right\rceil",
    "floor": r"\left\lfloor#1\right\rfloor",
    "nicefrac": "{#1}/{#2}",
    "sfrac": "{#1}/{#2}",
    "mathbbm": r"\mathbb{#1}",
    "mathds": r"\mathbb{#1}",
    "mathup": r"\mathrm{#1}",
    "pmb": r"\boldsymbol{#1}",
    "ensuremath": "#1",
    "defeq": r"\coloneqq",
    "dd": r"\mathrm{d}",
    "qed": r"\square",
    "dotsc": r"\ldots",
    "dotso": r"\ldots",
    "dotsb": r"\cdots",
    "dotsm": r"\cdots",
    "dotsi": r"\cdots",
    "hdots": r"\ldots",
    "enskip": r"\enspace",
}
_DEFINES = re.compile(
    r"\\(?:(?:re|provide)?newcommand|(?:re)?newenvironment|DeclareMathOperator|DeclarePairedDelimiter|[egx]?def|let|catcode"
    r"|csname|expandafter)(?![A-Za-z])"
)
_BEGIN = re.compile(r"\\begin *\{(?:align(?:at|edat)\*?\} *\{\d+\}|(?:align|flalign|split|eqnarray)\*?\})")
_END = re.compile(r"\\end *\{(?:align|flalign|alignat|alignedat|split|eqnarray)\*?\}")
_NO_ENVIRONMENT = re.compile(r"\\(?:begin|end) *\{(?:equation|displaymath|math|subequations)\*?\}")
_GATHERED = re.compile(r"\\(begin|end) *\{(?:gather|multline)\*?\}")
_EQNARRAY = re.compile(r"\\begin *\{eqnarray\*?\}.*?\\end *\{eqnarray\*?\}", re.S)
_TWO_MARKS = re.compile(r"(?<!\\)&([^&\\]{0,40}|\\[A-Za-z]+\s*)(?<!\\)&")
_DROPPED = re.compile(
    r"\\(?:notag|nonumber|displaybreak|allowdisplaybreaks|allowbreak|nobreak|qedhere|hfill|noindent)(?![A-Za-z])"
)
_NAMED_OPERATOR = re.compile(
    r"\\mathop\s*\{\s*\\(?:mathrm|operatorname|text|rm)\s*\{([^{}]*)\}\s*\}\s*(?:\\limits(?![A-Za-z]))?"
)
_LIMITS_OF_GROUP = re.compile(r"(\\operatorname\*?\s*\{[^{}]*\}|\})\s*\\limits(?![A-Za-z])")
_PERCENT = re.compile(r"(?<=[\d}])\s?%")
_TEXT_COMMANDS = re.compile(
    r"\\(text|mbox|hbox|textrm|textnormal|textup|textit|textbf|textsf|texttt|emph|textsl)\s*(?=\{)"
)
_KNOWN_TEXTS = {"text", "textrm", "textit", "textbf", "textsf", "texttt"}
_SPECIAL = re.compile(r"(?<!\\)[&_#%]")
_ROWS = re.compile(r"(?<!\\)&|\\\\")
_GROUPS = re.compile(r"\\\\|\\[{}&]|\\begin(?![A-Za-z])|\\end(?![A-Za-z])|[{}&]")
_INTERTEXT = re.compile(r"\\(?:short)?intertext\s*(?=\{)")


def defines(latex: str) -> bool:
    """Whether commands are defined in it, which the renderer shall not be given: they can grow without end."""
    return bool(_DEFINES.search(latex))


def rewritten(latex: str) -> str:
    """The same formula in the words that the renderer knows, rows in ``aligned``; no numbers, tags as plain text."""
    latex = _EQNARRAY.sub(lambda found: _TWO_MARKS.sub(r"&\1 ", found[0]), latex)
    latex = _END.sub(r"\\end{aligned}", _BEGIN.sub(r"\\begin{aligned}", latex))
    latex = _GATHERED.sub(r"\\\1{gathered}", _NO_ENVIRONMENT.sub("", latex)).replace("{smallmatrix}", "{matrix}")
    latex = _DROPPED.sub("", _PERCENT.sub(r"\\%", latex))
    latex = _with_arguments(latex, re.compile(r"\\label\s*(?=\{)"), lambda _, inside: "")
    latex = _with_arguments(latex, re.compile(r"\\(?:eqref|ref)\s*(?=\{)"), lambda _, inside: rf"\text{{({inside})}}")
    latex = _with_arguments(latex, re.compile(r"\\tag(\*?)\s*(?=\{)"), _tag)
    latex = _with_arguments(latex, re.compile(r"\\substack\s*(?=\{)"), _substack)
    latex = _NAMED_OPERATOR.sub(r"\\operatorname*{\1}", latex)
    latex = _LIMITS_OF_GROUP.sub(r"\1", latex)
    latex = _with_arguments(latex, _TEXT_COMMANDS, _text).strip()
    return rf"\begin{{aligned}}{latex}\end{{aligned}}" if _has_rows(latex) else latex


def parts(latex: str) -> list[tuple[str, bool]]:
    r"""The rows between texts of their own (``\intertext``) and these texts, in order; True marks a text."""
    found = _INTERTEXT.search(latex)
    if not found or not latex.startswith(r"\begin{aligned}") or not latex.endswith(r"\end{aligned}"):
        return [(latex, False)]
    body, pieces = latex[len(r"\begin{aligned}") : -len(r"\end{aligned}")], []
    while found := _INTERTEXT.search(body):
        inside = argument(body, found.end())
        if inside is None:
            return [(latex, False)]
        pieces += [(body[: found.start()], False), (inside, True)]
        body = body[found.end() + len(inside) + 2 :]
    pieces.append((body, False))
    trimmed = [(text if is_text else re.sub(r"\\\\\s*$", "", text).strip(), is_text) for text, is_text in pieces]
    return [(t if is_text else rf"\begin{{aligned}}{t}\end{{aligned}}", is_text) for t, is_text in trimmed if t]


def argument(latex: str, at: int) -> str | None:
    """What stands in the braces that open at ``at``; None if they do not close."""
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.S).finditer(latex, at):
        depth += (found[0] == "{") - (found[0] == "}")
        if depth == 0:
            return latex[at + 1 : found.start()]
    return None


def _with_arguments(latex: str, command: re.Pattern[str], say: Callable[[re.Match[str], str], str]) -> str:
    """Every such command together with its argument, said otherwise."""
    done, at = [], 0
    while found := command.search(latex, at):
        inside = argument(latex, found.end())
        if inside is None:
            break
        done += [latex[at : found.start()], say(found, inside)]
        at = found.end() + len(inside) + 2
    return "".join(done) + latex[at:]


def _tag(found: re.Match[str], inside: str) -> str:
    return r"\qquad" + _text(None, inside if found[1] else f"({inside})")


def _substack(_: re.Match[str], inside: str) -> str:
    return rf"\begin{{subarray}}{{c}}{inside}\end{{subarray}}"


def _text(found: re.Match[str] | None, inside: str) -> str:
    r"""Text; formulas in it (``\text{for $x$}``) stand beside it."""
    command = found[1] if found and found[1] in _KNOWN_TEXTS else "text"
    pieces = re.split(r"(?<!\\)\$", inside)
    if len(pieces) % 2 == 0:
        pieces = [inside.replace("$", r"\$")]
    said = [piece if k % 2 else _words(command, piece) for k, piece in enumerate(pieces)]
    return said[0] if len(said) == 1 else "{" + "".join(said) + "}"


def _words(command: str, words: str) -> str:
    return rf"\{command}{{" + _SPECIAL.sub(r"\\\g<0>", words) + "}" if words else ""


def _has_rows(latex: str) -> bool:
    r"""Whether ``&`` or ``\\`` stands outside of every group and environment."""
    if not _ROWS.search(latex):
        return False
    depth = 0
    for found in _GROUPS.finditer(latex):
        mark = found[0]
        if depth == 0 and mark in ("&", r"\\"):
            return True
        depth += (mark in ("{", r"\begin")) - (mark in ("}", r"\end"))
    return False
