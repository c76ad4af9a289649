"""How well a student's code can be walled in on this machine, found out by trying, and what to do where it cannot.

A   the outer wall (``bubblewrap``) and the inner ones (``walls``)
B   the inner walls alone
C   a time limit and what limits the system has; no place for others' work
"""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from typing import Literal, TypeAlias

from grader.sandbox import bubblewrap, scratch, walls

Level: TypeAlias = Literal["A", "B", "C"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer as it was found: ``trouble`` is '' where it works, and ``remedy`` what to do where it does not."""

    name: str
    does: str
    trouble: str
    remedy: str


DOES = {
    "bubblewrap": "nothing is seen but Python: no other file, process or network",
    "landlock": "files are read from Python's folders alone, written in the scratch folder alone",
    "seccomp": "no processes, threads, sockets, and no other way out through the kernel",
    "rlimits": "memory, processor time, descriptors and size of files come to an end",
    "user": "no privileges, and not root",
}
SCRATCH = "files can be made in a folder of their own, in memory, and nowhere else"
INSTALL = "Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap"
ALLOW = (
    "allow bwrap to make user namespaces: docs/sandbox.md has the AppArmor profile for Ubuntu and options for Docker"
)
REMEDIES = {
    "landlock": "Linux 5.13 or newer, with landlock in /sys/kernel/security/lsm (boot with lsm=landlock,...)",
    "seccomp": "a kernel with seccomp filters, and a container that lets them be set",
    "rlimits": "Linux",
    "user": "start grade as an ordinary user, or as a root that may change its user",
    "scratch": "user namespaces, as for bubblewrap, and Linux 6.2; without it course code that writes files fails",
}


def survey() -> list[Layer]:
    """Every layer, the outermost first, each of them tried now."""
    outer = bubblewrap.probe()
    found = [Layer("bubblewrap", DOES["bubblewrap"], outer, _remedy(outer))]
    inner = walls.probe()
    return found + [Layer(name, DOES[name], inner[name], REMEDIES[name]) for name in walls.LAYERS]


def _remedy(trouble: str) -> str:
    if sys.platform != "linux":
        return "grade on Linux"
    return INSTALL if trouble == bubblewrap.MISSING else ALLOW


def scratch_folder() -> Layer:
    """The folder to write in, which is no wall: without it nothing can be written at all."""
    return Layer("scratch", SCRATCH, scratch.probe(), REMEDIES["scratch"])


def level_of(layers: list[Layer]) -> Level:
    """The level that layers make."""
    troubled = [layer.name for layer in layers if layer.trouble]
    if not troubled:
        return "A"
    return "B" if troubled == ["bubblewrap"] else "C"


@functools.cache
def level() -> Level:
    """The level of this machine, as it was when first asked for."""
    return level_of(survey())
