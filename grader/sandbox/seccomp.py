"""The system calls that a student's code may make: a list of what is allowed, and nothing else.

Allowed is what a computation needs that has its descriptors already: reading, memory, clocks, waiting, its own signals.
What is not named fails with EPERM, and the process lives on: processes and threads, sockets of every kind (one that it
was given may be read and written, and no descriptor comes or goes through it), opening for writing, names and
attributes of files, anonymous files, shared memory and queues (which no limit of address space bounds, and which
outlive a process), namespaces, mounts, io_uring, bpf, ptrace and its kin, priorities and affinities of any process,
identities, limits, keys, and whatever the kernel learns later. Calls of another architecture, x32 included, end the
process.

No second thread is allowed. PyTorch on one thread needs none. They could be bounded by RLIMIT_NPROC alone,
which counts all processes of a user: for a grader that is not root it would be a guess at how many the user has, and
one submission could use up what the next may have. Without them, killing one process is complete, too.

A filter sees numbers and never the text that a pointer leads to: which file is read, Landlock decides.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import struct
import sys
from typing import Any, NamedTuple

MACHINE = os.uname().machine if sys.platform == "linux" and sys.maxsize > 2**32 else ""


class Machine(NamedTuple):
    """A processor's name for itself in a filter, and which column of the table is its own."""

    audit: int
    column: int


MACHINES = {"x86_64": Machine(0xC000003E, 1), "aarch64": Machine(0xC00000B7, 2)}

# Name, number on x86_64, number on aarch64.
ALLOWED = """
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69, pwritev 296 70,
preadv2 327 286, pwritev2 328 287, lseek 8 62, close 3 57, close_range 436 436, dup 32 23, dup2 33 -,
dup3 292 24, pipe 22 -, pipe2 293 59, ftruncate 77 46, fallocate 285 47, fsync 74 82, fdatasync 75 83,
fadvise64 221 223, readahead 187 213,

stat 4 -, fstat 5 80, lstat 6 -, newfstatat 262 79, statx 332 291, statfs 137 43, fstatfs 138 44, access 21 -,
faccessat 269 48, faccessat2 439 439, readlink 89 -, readlinkat 267 78, getdents 78 -, getdents64 217 61,
getcwd 79 17, chdir 80 49, fchdir 81 50, umask 95 166,

mmap 9 222, munmap 11 215, mprotect 10 226, mremap 25 216, madvise 28 233, msync 26 227, mincore 27 232,
brk 12 214, mlock 149 228, mlock2 325 284, munlock 150 229, mbind 237 235, set_mempolicy 238 237,
get_mempolicy 239 236, membarrier 324 283, pkey_alloc 330 289, pkey_free 331 290, pkey_mprotect 329 288,

futex 202 98, futex_waitv 449 449, set_robust_list 273 99, get_robust_list 274 100, set_tid_address 218 96,
rseq 334 293, arch_prctl 158 -, sched_yield 24 124, sched_getaffinity 204 123, sched_getparam 143 121,
sched_getscheduler 145 120, sched_getattr 315 275, sched_get_priority_max 146 125,
sched_get_priority_min 147 126, sched_rr_get_interval 148 127, getpriority 140 141, getcpu 309 168,

rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136, rt_sigsuspend 130 133,
rt_sigtimedwait 128 137, sigaltstack 131 132, restart_syscall 219 128, pause 34 -, signalfd 282 -,
signalfd4 289 74,

poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -, epoll_create1 291 20,
epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22, epoll_pwait2 441 441, eventfd 284 -, eventfd2 290 19,

time 201 -, gettimeofday 96 169, clock_gettime 228 113, clock_getres 229 114, nanosleep 35 101,
clock_nanosleep 230 115, alarm 37 -, getitimer 36 102, setitimer 38 103, timer_create 222 107,
timer_settime 223 110, timer_gettime 224 108, timer_getoverrun 225 109, timer_delete 226 111,
timerfd_create 283 85, timerfd_settime 286 86, timerfd_gettime 287 87,

getpid 39 172, getppid 110 173, gettid 186 178, getpgrp 111 -, getpgid 121 155, getsid 124 156, getuid 102 174,
geteuid 107 175, getgid 104 176, getegid 108 177, getresuid 118 148, getresgid 120 150, getgroups 115 158,
capget 125 90, getrlimit 97 163, getrusage 98 165, times 100 153, sysinfo 99 179, uname 63 160,
getrandom 318 278,

wait4 61 260, waitid 247 95, exit 60 93, exit_group 231 94,

recvfrom 45 207, getsockname 51 204, getsockopt 55 209
"""

# Allowed with some arguments, named here for other reasons, or made by the walls themselves.
OTHERS = """
open 2 -, openat 257 56, openat2 437 437, clone3 435 435, kill 62 129, tkill 200 130, tgkill 234 131,
prctl 157 167, fcntl 72 25, ioctl 16 29, prlimit64 302 261,
sendto 44 206,

mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, rename 82 -, renameat 264 38,
renameat2 316 276, symlink 88 -, symlinkat 266 36, truncate 76 45, chmod 90 -, fchmod 91 52, fchmodat 268 53,
utimes 235 -, utimensat 280 88, getxattr 191 8, lgetxattr 192 9, fgetxattr 193 10, listxattr 194 11,
llistxattr 195 12, flistxattr 196 13, flock 73 32, socketpair 53 199, mount_setattr 442 442,

seccomp 317 277, unshare 272 97, mount 165 40, capset 126 91, landlock_create_ruleset 444 444,
landlock_add_rule 445 445, landlock_restrict_self 446 446
"""

# What a process may do besides that has a folder to write in: all else in its view of the machine is read-only then
# (``scratch``), for Landlock does not guard modes and times.
MAKING = """
mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 symlink symlinkat truncate chmod fchmod fchmodat utimes
utimensat flock getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr
""".split()
LOCKS = (5, 6, 7, 36, 37, 38)  # F_GETLK, F_SETLK, F_SETLKW, and those of open files
AF_UNIX = 1
# What opens for writing, makes or empties a file: O_WRONLY | O_RDWR, O_CREAT, O_TRUNC, and O_TMPFILE's own bit.
# Landlock knows none of O_RDONLY | O_TRUNC before Linux 6.2.
WRITING = 0o3 | 0o100 | 0o1000 | 0o20000000
# PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_SET_VMA (names for memory). Not PR_SET_PDEATHSIG, which would let a
# child outlive its parent, nor PR_SET_DUMPABLE, which would open it to whoever shares its user.
PRCTL = (3, 15, 16, 0x53564D41)
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ. Not F_SETOWN and F_SETSIG, which send
# signals to others, nor locks and leases, which keep others waiting.
FCNTL = (0, 1, 2, 3, 4, 1030, 1032)
# TCGETS, TCGETS2, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX. Not TIOCSTI, which types for the user.
IOCTL = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)

NEWEST = 450  # the last number that we know; for those after it ENOSYS is what libraries expect and work around
X32 = 0x40000000

KILL, ERROR, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
DENY, UNKNOWN = ERROR | errno.EPERM, ERROR | errno.ENOSYS
LOAD, EQUAL, GREATER, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
NUMBER, AUDIT, ARGUMENTS = 0, 4, 16  # where they are in struct seccomp_data

GET_ACTION_AVAIL, SET_MODE_FILTER = 2, 1
ABSENT = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EINVAL)

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand

_libc: Any = ctypes.CDLL(None, use_errno=True) if MACHINE in MACHINES else None


def numbers(table: str, machine: str) -> dict[str, int]:
    """The names of a table that ``machine`` has, and their numbers."""
    rows = (row.split() for row in table.split(","))
    column = MACHINES[machine].column
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


@functools.cache
def _named(machine: str) -> dict[str, int]:
    return numbers(OTHERS, machine)


def system_call(name: str, *arguments: int) -> int:
    """Make a call of ``OTHERS``; pointers are given as addresses. Raises OSError."""
    result: int = _libc.syscall(_named(MACHINE)[name], *map(ctypes.c_long, arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def works_here() -> bool:
    """Whether the kernel has filters, with all that ours needs."""
    action = ctypes.c_uint32(KILL)
    try:
        system_call("seccomp", GET_ACTION_AVAIL, 0, ctypes.addressof(action))
    except OSError as error:
        if error.errno in ABSENT:
            return False
        raise
    return True


def enforce(*, making: bool = False) -> None:
    """Put the filter on this process, for good. It must have set no_new_privs. Raises OSError.

    ``making`` allows files to be made and written: not without Landlock, which says where.
    """
    code = ctypes.create_string_buffer(program(MACHINE, os.getpid(), making))
    length = (len(code) - 1) // 8  # the buffer ends with a zero byte of its own
    head = ctypes.create_string_buffer(struct.pack("=HxxxxxxQ", length, ctypes.addressof(code)))
    system_call("seccomp", SET_MODE_FILTER, 0, ctypes.addressof(head))


def program(machine: str, pid: int, making: bool = False) -> bytes:
    """The filter as the kernel reads it; ``pid`` is the process that may get signals."""
    return _fixed(machine, making) + _assembled(_to_itself(machine, pid) + _rest())


@functools.cache
def _fixed(machine: str, making: bool) -> bytes:
    """The part that is the same in every child, so that the parent may make it once, by ``program``."""
    return _assembled(_entrance(machine) + _plain(machine) + _by_argument(machine, making))


def _entrance(machine: str) -> list[Instruction]:
    """End the process if the call is another architecture's; leave the number where the rest looks for it."""
    return [
        (LOAD, 0, 0, AUDIT),
        (EQUAL, 1, 0, MACHINES[machine].audit),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, KILL),
    ]


def _plain(machine: str) -> list[Instruction]:
    allowed = sorted(numbers(ALLOWED, machine).values())
    return [step for number in allowed for step in _if(number, [(RETURN, 0, 0, ALLOW)])]


def _by_argument(machine: str, making: bool) -> list[Instruction]:
    rules = {
        "open": _without(1, 0 if making else WRITING),
        "openat": _without(2, 0 if making else WRITING),
        "openat2": [(RETURN, 0, 0, UNKNOWN)],  # its flags are behind a pointer
        "clone3": [(RETURN, 0, 0, UNKNOWN)],  # libraries then try clone, and take its EPERM for an answer
        "prctl": _one_of(0, PRCTL),
        "fcntl": _one_of(1, FCNTL + LOCKS if making else FCNTL),
        "socketpair": _one_of(0, (AF_UNIX,)),  # with itself, as event loops have it
        "ioctl": _one_of(1, IOCTL),
        "prlimit64": _null(2),  # limits may be asked for, not set
        "sendto": _null(4),  # to where the socket leads, and to no address
    }
    if making:
        rules |= {name: [(RETURN, 0, 0, ALLOW)] for name in MAKING}
    named = _named(machine)
    return [step for name, rule in rules.items() if name in named for step in _if(named[name], rule)]


def _to_itself(machine: str, pid: int) -> list[Instruction]:
    named = _named(machine)
    return [step for name in ("kill", "tkill", "tgkill") for step in _if(named[name], _one_of(0, (pid,)))]


def _rest() -> list[Instruction]:
    return [(GREATER, 0, 1, NEWEST), (RETURN, 0, 0, UNKNOWN), (RETURN, 0, 0, DENY)]


def _if(number: int, rule: list[Instruction]) -> list[Instruction]:
    """``rule``, which always returns, for one call."""
    return [(EQUAL, 0, len(rule), number), *rule]


def _argument(index: int, *, high: bool = False) -> Instruction:
    """Load the half of an argument; the kernel itself looks at no more than the low one where we do not."""
    return (LOAD, 0, 0, ARGUMENTS + 8 * index + 4 * high)


def _one_of(index: int, values: tuple[int, ...]) -> list[Instruction]:
    tests = [step for value in values for step in _if(value, [(RETURN, 0, 0, ALLOW)])]
    return [_argument(index), *tests, (RETURN, 0, 0, DENY)]


def _without(index: int, bits: int) -> list[Instruction]:
    return [_argument(index), (ANY_BIT, 0, 1, bits), (RETURN, 0, 0, DENY), (RETURN, 0, 0, ALLOW)]


def _null(index: int) -> list[Instruction]:
    return [
        _argument(index),
        (EQUAL, 0, 2, 0),
        _argument(index, high=True),
        (EQUAL, 1, 0, 0),
        (RETURN, 0, 0, DENY),
        (RETURN, 0, 0, ALLOW),
    ]


def _assembled(steps: list[Instruction]) -> bytes:
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
