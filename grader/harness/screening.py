"""What of a student's process may be repeated to the student.

The process has seen hidden inputs, and whatever it says may be made up to carry them: the name of an exception, the
text of a failed import. So only words are repeated that it cannot have chosen freely: names that everybody knows, and
a few of those that the files define or import. Any of them can still be chosen, and so can a line: both are kept few,
for a file may hold as many as its author likes. Staff read everything.
"""

from __future__ import annotations

import builtins
import io
import itertools
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import numpy as np

from grader.harness.imports import PACKAGE

LONGEST = 60  # of a word; a longer one is hardly a name, and may carry much
MOST_NAMES = 64  # of classes, and of what is imported; the first ones
MOST_LINES, MOST_FILES = 2000, 64  # of all files, for a line or a file to be told
_CLASS = re.compile(r"^[ \t]*class[ \t]+([^\W\d]\w*)", re.MULTILINE)
_IMPORT = re.compile(
    r"(?:^|[:;])[ \t]*(?:from[ \t]+([\w.]{1,200})[ \t]+)?import\b[ \t]*(\([^)]{0,1000}\)|[^\n;#]{0,1000})", re.MULTILINE
)
_NAME = re.compile(r"(?<!\bas )(?<![\w.])[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_CANNOT = re.compile(r"cannot import name '([\w.]+)' from (partially initialized module )?'([\w.]+)'")
_NONE = re.compile(r"No module named '([\w.]+)'(; '[\w.]+' is not a package)?$")


def _types(*places: object) -> Iterable[str]:
    found = (thing for place in places for thing in vars(place).values() if isinstance(thing, type))
    return (thing.__name__ for thing in found)


# Of torch by hand: only the process that runs code imports it.
_OTHERS = """
    Tensor Parameter Size device dtype Generator Categorical Multinomial Module ModuleList Embedding Linear LongTensor
    FloatTensor OutOfMemoryError LinAlgError JSONDecodeError InvalidOperation OrderedDict defaultdict deque Counter
    Decimal Fraction Namespace topk max min sort
"""
KNOWN = frozenset({*_types(builtins, types, np, np.linalg), *_OTHERS.split()})


class Screen:
    """Knows the files of one submission."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    @cached_property
    def _classes(self) -> frozenset[str]:
        """Names of classes that the files define."""
        return _first(found[1] for text in self.files.values() for found in _CLASS.finditer(text))

    @cached_property
    def _imported(self) -> frozenset[str]:
        """What the files import: modules, with all that lead to them, and names in them."""
        files = (file.removesuffix(".py") for file in self.files)
        return _first(itertools.chain([PACKAGE], files, *map(_imports, self.files.values())))

    @cached_property
    def _is_long(self) -> bool:
        return sum(len(lines_of(text)) for text in self.files.values()) > MOST_LINES

    def name(self, name: str) -> str:
        """The name of a type where it can be told, else nothing."""
        return name if name in KNOWN or name in self._classes else ""

    def place(self, file: str | None, line: int | None) -> tuple[str | None, int | None]:
        """A file of theirs and a line that is really there, and holds code."""
        if file is None or file not in self.files or len(self.files) > MOST_FILES:
            return None, None
        lines = [] if line is None or self._is_long else lines_of(self.files[file])
        return file, line if line and 1 <= line <= len(lines) and _is_code(lines[line - 1]) else None

    def failed_import(self, text: str) -> str:
        """Python's sentence on an import that failed, rebuilt from names that the files import, else nothing."""
        if (found := _NONE.match(text)) and (module := self._theirs(found[1])):
            return f"there is no module '{module}' here"
        found = _CANNOT.match(text)
        name, module = (self._theirs(found[1]), self._theirs(found[3])) if found else ("", "")
        if found is None or not name or not module:
            return ""
        why = "; the files import each other in a circle" if found[2] else ""
        return f"there is no '{name}' in '{module}'{why}"

    def _theirs(self, name: str) -> str:
        """A name, with its dots, that the files import, without the package's."""
        name = name.removeprefix(f"{PACKAGE}.")
        return name if name in self._imported else ""


def _first(names: Iterable[str]) -> frozenset[str]:
    """The first ones, so that they are few; each may carry as much as their number allows."""
    found: dict[str, None] = {}
    for name in names:
        if len(found) == MOST_NAMES:
            break
        if len(name) <= LONGEST:
            found[name] = None
    return frozenset(found)


def _imports(text: str) -> Iterator[str]:
    for found in _IMPORT.finditer(text):
        for dotted in _NAME.findall(f"{found[1] or ''} {found[2]}"):
            parts = dotted.removeprefix(f"{PACKAGE}.").split(".")
            yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _is_code(line: str) -> bool:
    """Not empty, and no comment."""
    return line.strip()[:1] not in ("", "#")


def lines_of(text: str) -> list[str]:
    """The lines of a file as Python counts them: not ``splitlines``, which splits at form feeds and the like too."""
    return io.StringIO(text, newline=None).readlines()
