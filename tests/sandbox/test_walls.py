"""The walls by what a child behind them brings about: every attempt is really made, and judged by what came of it."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from grader.sandbox.walls import LAYERS
from tests.sandbox.behind import CANARY, STDLIB, behind, libc, parent, ring, secret, trying

pytestmark = pytest.mark.usefixtures("walls")

# --- looking ---


def read(path: str) -> None:
    print(Path(path).read_text())


def read_from_root(path: str) -> None:
    root = os.open("/", os.O_PATH)
    print(os.read(os.open(path.lstrip("/"), os.O_RDONLY, dir_fd=root), 99))


@pytest.mark.parametrize("attempt", [read, read_from_root])
def test_a_file_outside_is_not_read(attempt: Callable[..., object], place: Path) -> None:
    assert CANARY not in behind(attempt, place / "secret")
    assert CANARY in behind(attempt, place / "secret", without={"landlock"})
    assert CANARY in behind(attempt, place / "secret", readable=[str(place)])


def test_a_link_in_a_readable_folder_leads_nowhere(place: Path) -> None:
    (place / "open").mkdir()
    (place / "open" / "link").symlink_to(place / "secret")
    assert CANARY not in behind(read, place / "open" / "link", readable=[str(place / "open")])
    assert CANARY in behind(read, place / "secret", readable=[str(place / "secret")])  # a file may be named as well


def read_machine() -> None:
    for path in ("/etc/passwd", "/etc/shadow", *(f"/proc/{parent}/{name}" for name in ("environ", "cmdline", "maps"))):
        trying(lambda: print("read", path, Path(path).read_text()))  # noqa: B023 (called at once)
    for path in ("/", "/root", "/etc", "/tmp", "/dev", "/proc/self/fd", f"/proc/{parent}/task"):
        trying(lambda: print("listed", path, os.listdir(path)))  # noqa: B023


def test_the_machine_is_not_read() -> None:
    out = behind(read_machine)
    assert "ended" in out
    assert "read" not in out
    assert "listed" not in out
    free = behind(read_machine, without=LAYERS)
    assert CANARY in free
    assert "root:" in free
    assert "listed /dev" in free


def pry() -> None:
    """Into the parent: its memory in four ways, its descriptors, its folders."""
    there, size = ctypes.addressof(secret), len(secret)

    def from_memory() -> None:
        with open(f"/proc/{parent}/mem", "rb") as memory:
            memory.seek(there)
            print(memory.read(size))

    def by_call() -> None:
        into = ctypes.create_string_buffer(size)
        ours, theirs = (ctypes.c_size_t * 2)(ctypes.addressof(into), size), (ctypes.c_size_t * 2)(there, size)
        libc.process_vm_readv(parent, ours, 1, theirs, 1, 0)
        print(into.raw)

    def by_trace() -> None:
        libc.ptrace(0x4206, parent, None, None)  # PTRACE_SEIZE, which does not stop it
        print("traced" if os.readlink(f"/proc/{parent}/exe") and not ctypes.get_errno() else "")

    def by_descriptor() -> None:
        print("descriptor", libc.syscall(438, os.pidfd_open(parent), 0, 0))  # pidfd_getfd

    trying(from_memory, by_call, by_trace, by_descriptor, lambda: print("cwd", os.readlink(f"/proc/{parent}/cwd")))


def test_the_parent_is_not_looked_into() -> None:
    out = behind(pry)
    assert "ended" in out
    assert not [word for word in (CANARY, "traced", "descriptor", "cwd") if word in out]
    out = behind(pry, without=LAYERS)
    assert all(word in out for word in (CANARY, "descriptor", "cwd"))


def use_descriptors() -> None:
    for number in range(3, 200):
        with contextlib.suppress(OSError):
            print(os.pread(number, 99, 0))


def test_descriptors_are_closed_unless_kept(place: Path) -> None:
    with (place / "secret").open() as opened:
        high = os.dup2(opened.fileno(), 150)
        passed = [opened.fileno(), high]
        assert CANARY not in behind(use_descriptors, passed=passed)
        assert behind(use_descriptors, passed=passed, keep=[high]).count(CANARY) == 1
    os.close(high)


# --- changing ---


def change(folder: str) -> None:
    """All that can be done to a file of this folder, and to the folder."""
    one = f"{folder}/secret"
    trying(
        lambda: os.chmod(one, 0o600),
        lambda: os.utime(one, (1, 1)),
        lambda: os.setxattr(one, "user.mark", b"1"),
        lambda: os.open(one, os.O_RDONLY | os.O_TRUNC),
        lambda: os.truncate(one, 1),
        lambda: print("more", file=open(one, "a")),  # noqa: SIM115
        lambda: Path(folder, "new").write_text("new"),
        lambda: Path("in cwd").write_text("new"),
        lambda: Path(f"{folder}.marker").write_text("new"),
        lambda: os.open(folder, os.O_TMPFILE | os.O_RDWR),
        lambda: os.mkdir(f"{folder}/folder"),
        lambda: os.mkfifo(f"{folder}/fifo"),
        lambda: os.link(one, f"{folder}/hard"),
        lambda: os.symlink(one, f"{folder}/soft"),
        lambda: os.rename(f"{folder}/first", f"{folder}/renamed"),
        lambda: os.unlink(f"{folder}/second"),
        lambda: os.rmdir(f"{folder}/empty"),
    )


def state(folder: Path) -> dict[str, tuple[int, float, str]]:
    found = {}
    for path in [*folder.iterdir(), *folder.parent.glob(f"{folder.name}.marker")]:
        about = path.lstat()
        found[path.name] = (about.st_mode, about.st_mtime, path.read_text() if path.is_file() else "")
    return found


def texts(found: dict[str, tuple[int, float, str]]) -> dict[str, str]:
    return {name: text for name, (_, _, text) in found.items()}


@pytest.mark.parametrize("without", [(), ("landlock",), ("seccomp",)])
def test_nothing_is_changed(place: Path, without: Collection[str]) -> None:
    for name in ("first", "second"):
        (place / name).write_text(name)
        (place / name).chmod(0o666)
    (place / "empty").mkdir()
    before = state(place)
    assert "ended" in behind(change, place, folder=place, readable=[STDLIB, str(place)], without=without)
    if "seccomp" in without:  # Landlock leaves an owner to change mode and times
        assert texts(state(place)) == texts(before)
    else:
        assert state(place) == before


def test_all_of_that_would_change_something(place: Path) -> None:
    marker = place.with_suffix(".marker")
    for name in ("first", "second"):
        (place / name).write_text(name)
    (place / "empty").mkdir()
    behind(change, place, folder=place, without=LAYERS)
    assert {*state(place)} == {*"secret new folder fifo hard soft renamed".split(), "in cwd", marker.name}
    assert state(place)["secret"][::2] == (0o100600, "\0more\n")  # emptied, lengthened, added to


# --- getting out ---


def multiply() -> None:
    def fork() -> None:
        if os.fork() == 0:
            os.write(1, b"escaped by fork\n")
            os._exit(0)

    trying(
        fork,
        lambda: os.posix_spawn("/bin/echo", ["echo", "escaped by spawning"], {}),
        lambda: print(subprocess.run(["/bin/echo", "escaped by subprocess"], capture_output=True).stdout),
        lambda: print(os.popen("echo escaped by popen").read()),
        lambda: threading.Thread(target=lambda: os.write(1, b"escaped by thread\n")).start(),
        lambda: time.sleep(0.1),
        lambda: os.execv("/bin/echo", ["echo", "escaped by exec"]),
    )


def test_no_process_no_thread_no_other_program() -> None:
    out = behind(multiply)
    assert "ended" in out
    assert "escaped" not in out
    assert "escaped" not in behind(multiply, without={"seccomp"}).replace("escaped by exec", "")  # limit of processes
    free = behind(multiply, without=LAYERS)
    assert {*re.findall(r"escaped by (\w+)", free)} == {"fork", "spawning", "subprocess", "popen", "thread", "exec"}


def call_out(port: int, datagrams: int, name: str) -> None:
    def tcp() -> None:
        socket.socket().connect(("127.0.0.1", port))

    def udp() -> None:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"escaped", ("127.0.0.1", datagrams))

    def abstract() -> None:
        socket.socket(socket.AF_UNIX).connect("\0" + name)

    trying(tcp, udp, abstract, socket.socketpair, lambda: print("listens", socket.create_server(("127.0.0.1", 0))))


def heard(without: Collection[str]) -> set[str]:
    """Which of three that listen was called, and whether the child could listen itself."""
    tcp, udp, abstract = socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM), socket.socket(1)
    udp.bind(("127.0.0.1", 0))
    name = f"grader-walls-{os.getpid()}"
    abstract.bind("\0" + name)
    abstract.listen()
    out = behind(call_out, tcp.getsockname()[1], udp.getsockname()[1], name, without=without)
    assert "ended" in out
    callers = {"listens"} if "listens" in out else set()
    for who, listener in {"tcp": tcp, "udp": udp, "abstract": abstract}.items():
        listener.setblocking(False)
        with listener, contextlib.suppress(BlockingIOError):
            listener.recv(9) if who == "udp" else listener.accept()[0].close()
            callers.add(who)
    return callers


def test_nobody_is_called() -> None:
    assert heard(without=()) == set()
    assert heard(without={"landlock"}) == set()
    assert heard(without={"landlock", "seccomp"}) == {"tcp", "udp", "abstract", "listens"}


def use_kept(number: int) -> None:
    kept = socket.socket(fileno=number)
    kept.sendall(b"heard " + kept.recv(99))
    trying(lambda: socket.send_fds(kept, [b"passed"], [1]), lambda: kept.sendto(b"sent", "/run/elsewhere"))


def test_a_kept_socket_carries_words_and_no_descriptors() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"you")
        assert "ended" in behind(use_kept, theirs.fileno(), keep=[theirs.fileno()])
        theirs.close()
        assert ours.recv(99) == b"heard you"
        assert ours.recv(99) == b""


def disturb() -> None:
    """The parent, by signals in every way there is, and by its place among processes."""

    def by_owner() -> None:
        ours, theirs = os.pipe()
        fcntl.fcntl(ours, 8, parent)  # F_SETOWN
        fcntl.fcntl(ours, 10, signal.SIGURG)  # F_SETSIG
        fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC)
        os.write(theirs, b"x")

    trying(
        lambda: os.kill(parent, signal.SIGURG),
        lambda: os.killpg(os.getpgid(parent), signal.SIGURG),
        lambda: os.kill(-os.getpgid(parent), signal.SIGURG),
        lambda: signal.pidfd_send_signal(os.pidfd_open(parent), signal.SIGURG),
        lambda: libc.tgkill(parent, parent, signal.SIGURG),
        lambda: libc.sigqueue(parent, signal.SIGURG, None),
        by_owner,
        lambda: os.setpriority(os.PRIO_PROCESS, parent, 5),
        lambda: os.sched_setaffinity(parent, [min(os.sched_getaffinity(0))]),
    )


def test_the_parent_is_not_disturbed() -> None:
    for without in ((), ("user",), ("user", "landlock")):
        out = behind(disturb, without=without)
        assert "ended" in out
        assert "signalled" not in out
        assert f"parent: {os.getpriority(os.PRIO_PROCESS, 0)} {len(os.sched_getaffinity(0))}" in out
    assert "signalled" in behind(disturb, without=LAYERS)
    assert "parent: 5 1" in behind(disturb, without=LAYERS)


def signal_all() -> None:
    os.kill(-1, signal.SIGURG)  # those who do not know it ignore it


def test_nobody_at_all_is_signalled() -> None:
    assert "signalled" not in behind(signal_all)


def test_it_may_end_itself_by_a_signal() -> None:
    assert f"status: {-signal.SIGABRT}" in behind(abort)
    assert f"status: {-signal.SIGTERM}" in behind(terminate)


def abort() -> None:
    os.abort()


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def outlive() -> None:
    libc.prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG: no signal, please
    os.write(ring, b"x")
    time.sleep(50)
    print("outlived")


def test_it_dies_with_its_parent() -> None:
    begun = time.monotonic()
    assert "outlived" not in behind(outlive, orphan=True)  # which returns when nobody has our pipe any more
    assert time.monotonic() - begun < 40
