"""What to tell a student about how files and items were read."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.submission import Remark

MAX_REMARKS = 100


@dataclass(slots=True)
class Remarks:
    """Remarks in order, each once, and not without end."""

    _all: dict[Remark, None] = field(default_factory=dict)

    def add(self, text: str, item: str | None = None) -> None:
        if len(self._all) < MAX_REMARKS:
            self._all[Remark(item=item, text=text)] = None
        else:
            self._all[Remark(text="there is more to remark, which was left out")] = None

    def all(self) -> tuple[Remark, ...]:
        """Those on the files first, then those on items."""
        return tuple(sorted(self._all, key=lambda remark: remark.item is not None))
