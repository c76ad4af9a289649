"""The filter of system calls: really asked for on this machine, and read as the kernel reads it for the others."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import re
import signal
import struct
from pathlib import Path

import pytest

from grader.sandbox import seccomp
from grader.sandbox.seccomp import ALLOW, DENY, KILL, MACHINES, UNKNOWN
from tests.sandbox.behind import behind, libc

pytestmark = pytest.mark.usefixtures("walls")


def ask_kernel(calls: dict[str, list[int]]) -> None:
    for name, (number, *arguments) in calls.items():
        ctypes.set_errno(0)
        result = libc.syscall(*(ctypes.c_long(value) for value in (number, *arguments)))
        print("call", name, "granted" if result >= 0 else errno.errorcode[ctypes.get_errno()])


X86 = {
    "unshare": (272, 0x10000000), "setns": (308, 0, 0), "mount": (165, 0, 0, 0, 0, 0), "chroot": (161, 0),
    "pivot_root": (155, 0, 0), "io_uring_setup": (425, 1, 0), "bpf": (321, 0, 0, 0), "memfd_create": (319, 0, 0),
    "keyctl": (250, 0, -3, 1), "add_key": (248, 0, 0, 0, 0, -3), "perf_event_open": (298, 0, 0, -1, -1, 0),
    "userfaultfd": (323, 1), "shmget": (29, 0, 4096, 0o1600), "msgget": (68, 0, 0o1600), "semget": (64, 0, 1, 0o1600),
    "mq_open": (240, 0, 0, 0, 0), "inotify_init1": (294, 0), "personality": (135, 0x40000), "setuid": (105, 0),
    "setreuid": (113, 0, 0), "setresuid": (117, 0, 0, 0), "setgid": (106, 0), "setgroups": (116, 0, 0),
    "capset": (126, 0, 0), "seccomp": (317, 1, 0, 0), "kexec_load": (246, 0, 0, 0, 0), "open_by_handle_at": (304, 0, 0),
    "move_pages": (279, 0, 0, 0, 0, 0, 0), "splice": (275, 0, 0, 0, 0, 0, 0), "TIOCSTI": (16, 0, 0x5412, 0),
    "set_dumpable": (157, 4, 1, 0, 0, 0), "flock": (73, 1, 2), "quotactl_fd": (443, 0, 0, 0, 0), "kcmp": (312, 1, 1, 0),
    "map_shadow_stack": (453, 0, 4096, 0), "from the future": (600,), "clone3": (435, 0, 0), "openat2": (437, 0, 0, 0),
}  # fmt: skip


@pytest.mark.skipif(seccomp.MACHINE != "x86_64", reason="the numbers are those of x86_64")
def test_the_kernel_grants_nothing_else() -> None:
    calls = {name: list(call) for name, call in X86.items()}
    answers = dict(re.findall(r"call (.+) (\w+)\n", behind(ask_kernel, calls)))
    unknown = {"map_shadow_stack", "from the future", "clone3", "openat2"}
    assert answers == {name: "ENOSYS" if name in unknown else "EPERM" for name in X86}


def issue_native(code: list[int]) -> None:
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes(code))
    print("result", ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())


@pytest.mark.skipif(seccomp.MACHINE != "x86_64", reason="x32 and i386 are of x86_64")
@pytest.mark.parametrize(
    "code",
    [b"\xb8\x27\x00\x00\x40\x0f\x05\xc3", b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"],
    ids=["x32 getpid", "i386 getpid"],
)
def test_calls_of_other_architectures_end_the_process(code: bytes) -> None:
    out = behind(issue_native, [*code])
    assert "result" not in out
    assert re.search(rf"status: -({signal.SIGSYS}|{signal.SIGSEGV})\n", out)
    assert "result" in behind(issue_native, [0xB8, 0x27, 0, 0, 0, 0x0F, 0x05, 0xC3])  # as such it can be run


# --- the filter itself ---


def verdict(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """What the filter says of a call by process 77: an interpreter of the few instructions that it is made of."""
    filled = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=iIQ6Q", number, MACHINES[machine].audit if audit is None else audit, 0, *filled)
    steps = [*struct.iter_unpack("=HBBI", seccomp.program(machine, 77))]
    loaded = at = 0
    while True:
        code, if_true, if_false, operand = steps[at]
        at += 1
        if code == seccomp.RETURN:
            return int(operand)
        if code == seccomp.LOAD:
            (loaded,) = struct.unpack_from("=I", data, operand)
            continue
        holds = {
            seccomp.EQUAL: loaded == operand,
            seccomp.GREATER: loaded > operand,
            seccomp.AT_LEAST: loaded >= operand,
            seccomp.ANY_BIT: loaded & operand != 0,
        }[code]
        at += if_true if holds else if_false


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_named_is_allowed_and_nothing_else(machine: str) -> None:
    named = set(seccomp.numbers(seccomp.ALLOWED, machine).values())
    by_argument = {seccomp.numbers(seccomp.OTHERS, machine).get(name) for name in ("open", "openat", "sendto", "fcntl")}
    by_argument.add(seccomp.numbers(seccomp.OTHERS, machine)["prlimit64"])
    allowed = {number for number in range(700) if verdict(machine, number) == ALLOW}
    assert allowed == named | by_argument - {None}
    assert verdict(machine, 451) == verdict(machine, 600) == UNKNOWN
    assert verdict(machine, -1) == KILL
    assert {verdict(machine, number, audit=0x40000003) for number in range(700)} == {KILL}


@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_matter(machine: str) -> None:
    others = seccomp.numbers(seccomp.OTHERS, machine)

    def asked(name: str, *arguments: int) -> int:
        return verdict(machine, others[name], *arguments)

    assert asked("openat", 0, 0, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY) == ALLOW
    for writing in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC, os.O_TMPFILE & ~os.O_DIRECTORY):
        assert asked("openat", 0, 0, writing) == DENY
    for name in ("kill", "tkill", "tgkill"):
        assert [asked(name, pid, 9) for pid in (77, 0, 1, 78, 2**32 - 1, 2**32 - 77)] == [ALLOW] + [DENY] * 5
    assert asked("prlimit64", 0, 7, 0) == ALLOW
    assert asked("prlimit64", 0, 7, 1) == asked("prlimit64", 0, 7, 2**32) == DENY
    assert asked("sendto", 3, 1, 1, 0, 0) == ALLOW
    assert asked("sendto", 3, 1, 1, 0, 2**32) == DENY
    assert asked("ioctl", 0, 0x5401) == ALLOW
    assert asked("ioctl", 0, 0x5412) == asked("ioctl", 0, 2**32 + 0x5412) == DENY
    assert asked("clone3") == asked("openat2") == UNKNOWN


HEADERS = {"x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "/usr/include/asm-generic/unistd.h"}


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_are_those_of_the_kernel(machine: str) -> None:
    if not Path(HEADERS[machine]).exists():
        pytest.skip("the kernel's headers are not installed")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(HEADERS[machine]).read_text())
    known = {name: int(number) for name, number in found}
    known.setdefault("newfstatat", known.get("fstatat", 0))
    for table in (seccomp.ALLOWED, seccomp.OTHERS):
        ours = seccomp.numbers(table, machine)
        assert {name: known.get(name) for name in ours} == ours
        without = {row.split()[0] for row in table.split(",")} - set(ours)
        assert not without & set(known)
