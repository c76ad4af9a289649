"""How much of the machine a child process may use: bounds that the operating system sets inside the child.

They do not bound wall time: whoever started the child ends it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows
    HAS_LIMITS = False
else:
    HAS_LIMITS = True


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use. Each bound is hard: the child cannot raise it, nor catch what comes of passing it.

    ``cpu`` is in whole seconds of processor time from now on, rounded up. ``memory`` is in bytes of address space
    beyond what the process has when the limits are set, touched or not; what it has then and shares with its parent
    (weights) may become its own by being written to, and counts nowhere. ``files`` bounds the numbers of descriptors,
    not how many there are; those that were kept live on above it. ``file_size`` is of each file, not of all.
    ``scratch`` is in bytes, of the folder where files may be made at all, and ``entries`` how many.
    """

    cpu: float | None = 60.0
    memory: int = 2 * 2**30
    files: int = 64
    file_size: int = 2**24
    processes: int | None = 0  # more than there are; whoever is root has no such bound
    scratch: int = 2**26
    entries: int = 2048


def limit(limits: Limits, size: int = 0, *, strict: bool = True) -> None:
    """Set the limits on this process. ``size`` is its address space now, in bytes.

    Where a limit cannot be set (macOS sets none of memory), or the process has a lower one itself, raises OSError or
    ValueError; if not ``strict``, what can be had is set.
    """
    if not HAS_LIMITS:
        return
    for kind, most in _bounds(limits, size):
        hard = resource.getrlimit(kind)[1]
        if strict and hard != resource.RLIM_INFINITY and hard < most:  # whoever is judged must not pay for it
            raise ValueError(f"{_name(kind)} is {hard} for the grader itself; {most} are needed (see ulimit)")
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (bound, bound))
        except (ValueError, OSError):
            if strict:
                raise


def _name(kind: int) -> str:
    return next(name for name in dir(resource) if name.startswith("RLIMIT_") and getattr(resource, name) == kind)


def _bounds(limits: Limits, size: int) -> Iterator[tuple[int, int]]:
    yield resource.RLIMIT_AS, size + limits.memory
    yield resource.RLIMIT_FSIZE, limits.file_size
    yield resource.RLIMIT_NOFILE, limits.files
    yield resource.RLIMIT_CORE, 0
    if limits.cpu is not None:
        yield resource.RLIMIT_CPU, _seconds(limits.cpu)
    if limits.processes is not None:
        yield resource.RLIMIT_NPROC, limits.processes
    if hasattr(resource, "RLIMIT_MSGQUEUE"):
        yield resource.RLIMIT_MSGQUEUE, 0


def limit_processor(seconds: float) -> None:
    """Allow what was used so far and ``seconds`` more; a later call may allow more again."""
    if HAS_LIMITS:
        soft, hard = _seconds(seconds), resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _seconds(more: float) -> int:
    used = os.times()
    return int(used.user + used.system) + math.ceil(more)
