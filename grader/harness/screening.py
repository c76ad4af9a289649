"""What of a student's process may be repeated to the student.

The process has seen hidden inputs, and whatever it says may be made up to carry them: the name of an exception, the
text of a failed import. So only words are repeated that it cannot have chosen freely: names that everybody knows, and
those that stand in the files that were handed in. Staff read everything.
"""

from __future__ import annotations

import builtins
import io
import re
import types
from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np

from grader.harness.imports import PACKAGE

LONGEST = 60  # of a word; a longer one is hardly a name, and may carry much
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
    def _words(self) -> frozenset[str]:
        """All names in the files, with and without dots."""
        names = {PACKAGE, *(file.removesuffix(".py") for file in self.files)}
        for text in self.files.values():
            for dotted in re.findall(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", text):
                names |= {dotted, *dotted.split(".")}
        return frozenset(name for name in names if len(name) <= LONGEST)

    def name(self, name: str) -> str:
        """The name of a type where it can be told, else nothing."""
        return name if name in KNOWN or (name.isidentifier() and name in self._words) else ""

    def place(self, file: str | None, line: int | None) -> tuple[str | None, int | None]:
        """A file of theirs and a line that is really there."""
        if file is None or file not in self.files:
            return None, None
        there = line is not None and 1 <= line <= len(lines_of(self.files[file]))
        return file, line if there else None

    def failed_import(self, text: str) -> str:
        """Python's sentence on an import that failed, rebuilt from names that stand in the files, else nothing."""
        if (found := _NONE.match(text)) and (module := self._theirs(found[1])):
            return f"there is no module '{module}' here"
        found = _CANNOT.match(text)
        name, module = (self._theirs(found[1]), self._theirs(found[3])) if found else ("", "")
        if found is None or not name or not module:
            return ""
        why = "; the files import each other in a circle" if found[2] else ""
        return f"there is no '{name}' in '{module}'{why}"

    def _theirs(self, name: str) -> str:
        """A name, with its dots, that stands in the files, without the package's."""
        name = name.removeprefix(f"{PACKAGE}.")
        return name if name in self._words else ""


def lines_of(text: str) -> list[str]:
    """The lines of a file as Python counts them: not ``splitlines``, which splits at form feeds and the like too."""
    return io.StringIO(text, newline=None).readlines()
