"""Which folders of a submission count: those named like assignments, below any folder that is wrapped around them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from grader.loading.work.code import PACKAGE
from grader.loading.work.readers import greatest_size
from grader.loading.work.taking import MAX_WRAPPERS, join


@dataclass(frozen=True, slots=True)
class Scope:
    """``root`` is the folder of the submission itself; files that count lie in ``folders`` and in their packages."""

    root: str
    folders: tuple[str, ...]

    @property
    def places(self) -> tuple[str, ...]:
        """Every folder whose files count."""
        return tuple(place for folder in self.folders for place in (folder, join(folder, PACKAGE)))


def find_scope(children: Callable[[str], Mapping[str, bool]], assignments: Collection[str]) -> Scope:
    """Look for assignments at the top, then in a folder that is all there is; else files at the top are what there is.

    ``children`` gives the names in a folder, and which are folders.
    """
    known = {name.casefold() for name in assignments}
    roots = list(_roots(children))
    for root in roots:
        assigned = [join(root, name) for name in sorted(children(root)) if name.casefold() in known]
        if assigned:
            return Scope(root, tuple(assigned))
    found = next((root for root in roots if _holds_work(children(root))), "")
    return Scope(found, (found,))


def _roots(children: Callable[[str], Mapping[str, bool]]) -> Iterator[str]:
    """The top, and the folder that is all it holds, and so on."""
    root = ""
    yield root
    for _ in range(MAX_WRAPPERS):
        inside = children(root)
        if list(inside.values()) != [True]:
            return
        root = join(root, *inside)
        yield root


def _holds_work(inside: Mapping[str, bool]) -> bool:
    return PACKAGE in inside or any(greatest_size(name) is not None for name in inside)
