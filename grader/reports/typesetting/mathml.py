"""LaTeX to MathML Core, by the library math-core, walled in on both sides.

Before: no definitions, and a bound on length, for the library recurses on the machine's own stack: a level takes up to
3 kB, a character up to 1.7 kB (measured; ``{`` is the worst), so 10,000 stay far below the stack that they are given.

Behind: what it returns is parsed as XML and written anew from a list of elements and attributes, so that nothing that
a student wrote can become markup, whoever makes the MathML.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from html import escape
from html.entities import html5
from xml.parsers import expat

from math_core import LatexToMathML

from grader.reports.typesetting import dialect

LONGEST = 10_000
_SHORT = 100  # so few levels fit on any stack
_STACK = 64 * 2**20  # bytes; only those that are used cost memory
_LARGEST = 1_000_000
_DEEPEST = 200

_ELEMENTS = frozenset(
    "math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt msub msubsup "
    "msup mtable mtd mtext mtr munder munderover".split()
)
_INSIDE_TEXT = {"b": "bold", "i": "italic", "code": "mono", "span": ""}  # the library's; not written, but for a class
_NUMBER = r"-?\d{0,2}(?:\.\d+)?"
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
    for converter in (_EXACT, _LENIENT):
        made = _converted(converter, latex, display)
        if made is not None and (clean := _Rewriter().rewritten(made)) is not None:
            return clean
    return None


def _converted(converter: LatexToMathML, latex: str, display: bool) -> str | None:
    """What the library makes of it, on a stack that holds as many levels as the formula has characters."""
    if len(latex) <= _SHORT:
        return _tried(converter, latex, display)
    made: list[str | None] = []
    thread = threading.Thread(target=lambda: made.append(_tried(converter, latex, display)))
    before = threading.stack_size(_STACK)
    try:
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    return made[0] if made else None


def _tried(converter: LatexToMathML, latex: str, display: bool) -> str | None:
    try:
        made = converter.convert_with_local_state(latex, displaystyle=display)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # also a panic of the library, which is no Exception: it costs one formula, not the report
        return None
    return made if len(made) <= _LARGEST else None


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
