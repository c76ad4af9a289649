"""Every error the grader raises on purpose.

GraderError
├── UsageError       the command cannot be carried out as given: exit status 2
├── SpecError        problem or key files are wrong: carries every fault found, not the first alone
├── Unreadable       a response (or a formula of a key) cannot be read: says where reading stopped
├── Undecided        a question of mathematics could not be settled within its bounds
└── Stopped          work in a child process came to no end of its own: see ``sandbox.endings``, where it is

Where and Fault are values, not errors: a place in a file, and what is wrong there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a file; ``line`` counts from 1, 0 where only the file is known."""

    file: Path
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else str(self.file)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in a file a person wrote: where, in which field, and what was expected."""

    where: Where
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.field}: {self.message}" if self.field else f"{self.where}: {self.message}"


class GraderError(Exception):
    """Root of the errors that the grader words for a person."""


class UsageError(GraderError):
    """The command cannot be carried out as given."""


class SpecError(GraderError):
    """Problem or key files are wrong; ``faults`` lists all that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(map(str, self.faults)))


class Unreadable(GraderError):
    """A text could not be read. ``position`` counts characters from 0, None where it has no meaning."""

    def __init__(self, message: str, position: int | None = None) -> None:
        self.position = position
        super().__init__(message)


class Undecided(GraderError):
    """Neither yes nor no within the bounds set: a human must look."""
