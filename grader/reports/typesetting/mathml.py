"""LaTeX to MathML Core, by the library math-core, walled in on both sides.

Before: no definitions, and a bound on length. A bracket that never closes doubles the time that the library takes
(version 0.9.0), so that thirty are an hour; and it recurses on the machine's own stack. What is neither short nor
simple is therefore made in a worker, which is killed where it takes too long: that costs one formula.

Behind: what it returns is parsed as XML and written anew from a list of elements and attributes, so that nothing that
a student wrote can become markup, whoever makes the MathML.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from html.entities import html5
from xml.parsers import expat

from math_core import LatexToMathML

from grader.reports.typesetting import dialect
from grader.sandbox.endings import Stopped
from grader.sandbox.worker import Worker

LONGEST = 10_000
_SHORT = 100  # so few levels fit on any stack
_MOST_DOUBTFUL = 12
_DEADLINE = 3.0  # a thousand times what honest formulas take: a busy machine must not cost one
_MOST_LOST = 5  # formulas of a page for whose deadline anybody waits
_LARGEST = 1_000_000
_DEEPEST = 200

_ELEMENTS = frozenset(
    "math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt msub msubsup "
    "msup mtable mtd mtext mtr munder munderover".split()
)
_INSIDE_TEXT = {"b": "bold", "i": "italic", "code": "mono", "span": ""}  # the library's; not written, but for a class
_NUMBER = r"(?:-0?|\d{0,2})(?:\.\d+)?"  # nothing moves far back, over what stands there
_LENGTH = re.compile(rf"0|{_NUMBER}(?:em|rem|ex|px)")
_BOOLEAN = re.compile("true|false")
_ATTRIBUTES = {
    "accent": _BOOLEAN,
    "accentunder": _BOOLEAN,
    "display": re.compile("block|inline"),
    "displaystyle": _BOOLEAN,
    "form": re.compile("prefix|infix|postfix"),
    "height": _LENGTH,
    "largeop": _BOOLEAN,
    "linethickness": re.compile("0"),
    "lspace": _LENGTH,
    "mathvariant": re.compile("normal"),
    "maxsize": _LENGTH,
    "minsize": _LENGTH,
    "movablelimits": _BOOLEAN,
    "rspace": _LENGTH,
    "scriptlevel": re.compile(r"[0-3]"),
    "stretchy": _BOOLEAN,
    "symmetric": _BOOLEAN,
    "voffset": re.compile(r"-?[01]?(?:\.\d+)?em"),
    "width": _LENGTH,
}
# Styles become classes of ours, for a strict content security policy allows no styles in the markup.
_CLASSES = {
    "text-align:right": "right",
    "text-align:left": "left",
    "padding-left:0": "no-left",
    "padding-right:0": "no-right",
    "padding-left:1em": "far",
    "padding-top:0": "tight",
    "border-top:0.05em solid currentcolor": "line-above",
    "border-bottom:0.05em solid currentcolor": "line-below",
    "border-left:0.05em solid currentcolor": "line-left",
    "border-right:0.05em solid currentcolor": "line-right",
}
_ENCLOSED = {
    "box": "box",
    "updiagonalstrike": "strike-up",
    "downdiagonalstrike": "strike-down",
    "horizontalstrike": "strike",
}
_DOUBTFUL = re.compile(r"[(\[]|\\(?:[A-Za-z]+|.)|[^\x00-\x7f]", re.S)  # whatever may be a bracket that opens
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|apos|#\d+|#x[\dA-Fa-f]+);)([A-Za-z]\w*;)")


def _converter(lenient: bool) -> LatexToMathML:
    return LatexToMathML(
        macros=dialect.MACROS,
        fancy_error=False,
        allow_unreliable_rendering=True,
        ignore_unknown_commands=lenient,
    )


_EXACT, _LENIENT = _converter(False), _converter(True)  # the lenient one shows unknown commands by their names


@lru_cache(maxsize=4096)
def mathml(latex: str, display: bool) -> str | None:
    """One ``<math>`` element, safe to stand in a page; None if the formula cannot be typeset.

    Commands that nobody knows stand in it by name, in ``<merror>``.
    """
    if len(latex) > LONGEST or dialect.defines(latex):
        return None
    if len(latex) <= _SHORT and len(_DOUBTFUL.findall(latex)) <= _MOST_DOUBTFUL:
        return made(latex, display)
    return _patience.tried(latex, display)


def new_page() -> None:
    """What formulas of the page before have cost counts no more."""
    _patience.lost = 0


class _Patience:
    """Formulas made in the worker, for as long as few of them are lost."""

    def __init__(self) -> None:
        self.lost = 0
        self.worker = Worker("grader.reports.typesetting.apart")

    def tried(self, latex: str, display: bool) -> str | None:
        if self.lost >= _MOST_LOST:
            return None
        try:
            found: str | None = self.worker.run((latex, display), _DEADLINE)
        except Stopped:
            self.lost += 1
            return None
        return found


_patience = _Patience()


def made(latex: str, display: bool) -> str | None:
    """The same in this process, which a formula of any length could keep busy for ever."""
    for converter in (_EXACT, _LENIENT):
        found = _tried(converter, latex, display)
        if found is not None and (clean := _Rewriter().rewritten(found)) is not None:
            return clean
    return None


def _tried(converter: LatexToMathML, latex: str, display: bool) -> str | None:
    try:
        found = converter.convert_with_local_state(latex, displaystyle=display)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # also a panic of the library, which is no Exception: it costs one formula, not the report
        return None
    return found if len(found) <= _LARGEST else None


class _Refused(Exception):
    """Something in the MathML is not on the lists."""


class _Rewriter:
    """Reads MathML, and writes what it knows of it."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.ProcessingInstructionHandler = self._refuse
        self._parser.CommentHandler = self._refuse

    def rewritten(self, made: str) -> str | None:
        try:
            self._parser.Parse(_ENTITY.sub(_character, made), True)
        except (_Refused, expat.ExpatError, ValueError):
            return None
        return "".join(self._out)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _INSIDE_TEXT and self._open[-1:] == ["mtext"]:
            if _INSIDE_TEXT[name] and self._out[-1] == "<mtext>":
                self._out[-1] = f'<mtext class="{_INSIDE_TEXT[name]}">'
            return
        classes = _classes(name, attributes)
        name = "mrow" if name == "menclose" else name
        if name not in _ELEMENTS or (name == "math") != (not self._open) or len(self._open) >= _DEEPEST:
            raise _Refused(name)
        kept = {
            key: value for key, value in attributes.items() if key in _ATTRIBUTES and _ATTRIBUTES[key].fullmatch(value)
        }
        kept |= {"class": " ".join(classes)} if classes else {}
        self._open.append(name)
        self._out.append(f"<{name}" + "".join(f' {key}="{escape(value)}"' for key, value in kept.items()) + ">")

    def _end(self, name: str) -> None:
        if name not in _INSIDE_TEXT:
            self._out.append(f"</{self._open.pop()}>")

    def _text(self, text: str) -> None:
        self._out.append(escape(text))

    def _refuse(self, *_: object) -> None:
        raise _Refused


def _classes(name: str, attributes: dict[str, str]) -> list[str]:
    if name == "menclose":
        return [_ENCLOSED[word] for word in attributes.get("notation", "").split() if word in _ENCLOSED]
    rules = [re.sub(r"\s*:\s*", ":", rule.strip()) for rule in attributes.get("style", "").split(";")]
    back = ["back"] if any(rule.startswith("margin-left:-") for rule in rules) else []
    return back + [_CLASSES[rule] for rule in rules if rule in _CLASSES]


def _character(found: re.Match[str]) -> str:
    if found[1] not in html5:
        raise _Refused(found[0])
    return "".join(f"&#{ord(char)};" for char in html5[found[1]])
