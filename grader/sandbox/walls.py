"""The inner walls: what a forked child puts around itself before it reads anything of a student's.

Four layers, each of which another one can do without:

- ``landlock``: files outside the folders named cannot be read, none can be written but below one;
- ``seccomp``: of the kernel, only what a computation needs (see ``seccomp``);
- ``rlimits``: processor time, memory, descriptors, size of a file;
- ``user``: it is not root, holds no privilege, and where it was root its user is nobody else's.

They are no bound of wall time: a child may sleep, or stop itself. Whoever started it kills it; it has no descendants.
They do not hide that a file or a process exists, where the file's and the folders' own permissions do not. They take
no environment away, and nothing that the memory of the process holds at the fork.

WallError   a layer that the kernel has did not go up: the child must end at once, it is confined by half
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.sandbox import landlock, seccomp
from grader.sandbox.limits import HAS_LIMITS, Limits, limit

SUPPORTED = HAS_LIMITS and seccomp.MACHINE in seccomp.MACHINES

LAYERS = ("landlock", "seccomp", "rlimits", "user")

# Users that nobody has: between those that containers are given and where numbers turn negative. Where a container
# itself has fewer, among those that its image is unlikely to have given away.
FIRST_USER = 0x70000000
FIRST_SMALL_USER, SMALL_USERS = 20000, 40000

SET_PDEATHSIG, SET_DUMPABLE, SET_KEEPCAPS, SET_NO_NEW_PRIVS = 1, 4, 8, 38  # prctl
CAPABILITIES = 0x20080522
LOOK_INTO_ALL = 1 << 2  # CAP_DAC_READ_SEARCH

_libc: Any = ctypes.CDLL(None, use_errno=True) if SUPPORTED else None


class WallError(GraderError):
    """A layer that the kernel has did not go up."""


def confine(
    limits: Limits,
    readable: Sequence[str],
    keep: Collection[int],
    writable: str | None = None,
    *,
    without: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Put up the walls around this process, and return the names of the layers that stand.

    To be called once, in a freshly forked child that has one thread, before it reads anything of a student's. It
    cannot be undone. A layer that the kernel lacks is left out, which is the caller's to look at. Raises WallError
    where a layer fails that the kernel has; the child must then end without running anything.

    ``readable`` are folders (or files) that exist, and what is below them; they need not be open to everybody. Files
    may be made below ``writable`` (see ``scratch``) and nowhere else; never without Landlock. All
    descriptors but ``keep`` are closed; of the first three, those not kept lead to /dev/null. A kept socket can be
    read and written, no more. The child dies with the thread that forked it. If the parent may have died before this
    call, compare ``os.getppid()`` afterwards.

    ``without`` leaves layers out, for the tests that show each to matter.
    """
    if not SUPPORTED:
        return ()
    wanted = frozenset(LAYERS) - without
    with _naming("process"):
        size = _size_of_one_thread()
        _lead_a_session()
        _close_all_but(keep)
    rules = _rules(readable, writable) if "landlock" in wanted else None
    with _naming("user"):
        nobody = "user" in wanted and _become_nobody([] if rules is None else readable)
        _be_left_alone()
    if rules is not None:
        with _naming("landlock"):
            landlock.enforce(rules)
    if "rlimits" in wanted:
        with _naming("rlimits"):
            limit(limits, size)
    filtered = "seccomp" in wanted and _filter(making=rules is not None and writable is not None)
    stands = {"landlock": rules is not None, "seccomp": filtered, "rlimits": "rlimits" in wanted, "user": nobody}
    return tuple(layer for layer in LAYERS if stands[layer])


@contextlib.contextmanager
def _naming(layer: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise WallError(f"{layer}: {error}") from error


# --- the process itself ---


def _size_of_one_thread() -> int:
    """The bytes of address space of this process. A second thread would stay outside the walls: an error."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    threads, size = int(fields[17]), int(fields[20])
    if threads != 1:
        raise ValueError(f"there are {threads} threads, and walls go up around one")
    return size


def _lead_a_session() -> None:
    """No terminal, and a process group of its own."""
    if os.getsid(0) != os.getpid():
        os.setsid()


def _close_all_but(keep: Collection[int]) -> None:
    """By the kernel's own list, which knows of descriptors above a limit that was lowered since."""
    kept = {0, 1, 2, *keep}
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in {0, 1, 2} - set(keep):
        os.dup2(nothing, standard)
    for number in map(int, os.listdir("/proc/self/fd")):
        if number not in kept:
            with contextlib.suppress(OSError):  # the one that the list was read from is closed
                os.close(number)


def _be_left_alone() -> None:
    """What a change of user resets. Without a dump (and where a system pipes dumps to a program, no limit of their
    size prevents them) nothing of the memory gets out, and no process of the same user looks in."""
    _prctl(SET_NO_NEW_PRIVS, 1)
    _prctl(SET_DUMPABLE, 0)
    parent = os.getppid()
    _prctl(SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise ValueError("the parent has gone")


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0))) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl {option}: {os.strerror(code)}")


# --- user ---


def _become_nobody(readable: Sequence[str]) -> bool:
    """Give up root and every privilege, and say whether root is given up.

    If a folder of ``readable`` is closed to the new user (a Python below /root), the privilege to look into all
    folders is kept, and nothing but Landlock bounds what is read: without it, pass nothing.
    """
    _prctl(SET_KEEPCAPS, 1)  # so that there is one to keep
    nobody = 0 not in os.getresuid() or _change_user()
    open_to_all = all(os.access(path, os.R_OK) for path in readable)  # without privileges, which access() ignores
    if open_to_all or not _hold(LOOK_INTO_ALL):
        _set_capabilities(0)
    return nobody


def _change_user() -> bool:
    """Whether another user could be had. One of its own: what one child does counts against no other."""
    pid = os.getpid()
    for number in (FIRST_USER + pid, FIRST_SMALL_USER + pid % SMALL_USERS):
        with contextlib.suppress(OSError):  # not a user of this namespace, or no right to change
            os.setgroups([])
            os.setresgid(number, number, number)
            os.setresuid(number, number, number)
            return True
    return False


def _hold(capabilities: int) -> bool:
    """Hold these privileges and no others from now on; False where the process does not have them."""
    try:
        _set_capabilities(capabilities)
    except PermissionError:
        return False
    return True


def _set_capabilities(capabilities: int) -> None:
    head = ctypes.create_string_buffer(struct.pack("=Ii", CAPABILITIES, 0))
    sets = ctypes.create_string_buffer(struct.pack("=6I", capabilities, capabilities, 0, 0, 0, 0))
    seccomp.system_call("capset", ctypes.addressof(head), ctypes.addressof(sets))


# --- the other layers ---


def _rules(readable: Sequence[str], writable: str | None) -> int | None:
    with _naming("landlock"):
        return landlock.ruleset(readable, writable) if landlock.version() else None


def _filter(*, making: bool) -> bool:
    with _naming("seccomp"):
        if not seccomp.works_here():
            return False
        seccomp.enforce(making=making)
        return True


# --- what works here ---

MISSING = {
    "landlock": "the kernel has no Landlock: Linux 5.13 with landlock among its security modules, and a container "
    "that lets it through",
    "seccomp": "the kernel or the container has no seccomp filters",
    "rlimits": "there are no limits of resources",
    "user": "this process is root and may become nobody else: start it as an ordinary user",
}
ELSEWHERE = "it is there on Linux alone, on x86_64 and aarch64"
TRIAL_MEMORY = 2**26
TRIAL_SECONDS = 30.0
TRIAL = "import sys; sys.path.insert(0, sys.argv[1]); from grader.sandbox.walls import try_layers; try_layers()"


def probe() -> dict[str, str]:
    """For each layer '' if it works, else a sentence on why it does not; each was used, by itself, in a child.

    That child is a new Python, not a fork of this process, which may have threads.
    """
    if not SUPPORTED:
        return dict.fromkeys(LAYERS, ELSEWHERE)
    try:
        found = _trials()
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return dict.fromkeys(LAYERS, f"it could not be tried: {error}")
    return {layer: found.get(layer, "the child that tried it came to no end of its own") for layer in LAYERS}


def _trials() -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-I", "-S", "-c", TRIAL, root]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, check=True, text=True, timeout=TRIAL_SECONDS
    )
    return dict(line.split("\t", 1) for line in done.stdout.splitlines())


def try_layers() -> None:
    """The whole life of the process that ``probe`` starts: a line on standard output for each layer."""
    for layer in LAYERS:
        child = os.fork()
        if child == 0:
            os.write(1, f"{layer}\t{_tried(layer)}\n".encode())
            os._exit(0)
        os.waitpid(child, 0)


def _tried(layer: str) -> str:
    """'' if the layer, by itself, refuses what it is there to refuse."""
    attempt, expected = _ATTEMPTS[layer]
    limits = Limits(memory=TRIAL_MEMORY)
    try:
        standing = confine(limits, [os.path.dirname(os.__file__)], {1, 2}, without=frozenset(LAYERS) - {layer})
    except WallError as error:
        return str(error)
    if layer not in standing:
        return MISSING[layer]
    try:
        attempt()
    except expected:
        return ""
    return "it went up and stops nothing"


_ATTEMPTS: dict[str, tuple[Callable[[], object], type[Exception]]] = {
    "landlock": (lambda: os.listdir("/"), PermissionError),
    "seccomp": (lambda: os.kill(os.getppid(), 0), PermissionError),
    "rlimits": (lambda: bytearray(2 * TRIAL_MEMORY), MemoryError),
    "user": (lambda: os.setuid(0), OSError),  # not permitted, or no user of this container
}
