"""The warm process and its children: whatever dies, the next child works, and nothing is left."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.endings import Died, Exited, Fault, HungUp, OutOfTime, TooMuchOutput
from grader.sandbox.limits import Limits
from grader.sandbox.scratch import POINTS
from grader.sandbox.warm import MAX_FRAME, Child, Warm

MODULE = "tests.sandbox.warm_child"
LIMITS = Limits(memory=2**28)
LONG = 60.0
SHORT = 0.1
BIG = b"echo " + bytes(range(256)) * 2**14


@pytest.fixture
def warm() -> Iterator[Warm]:
    made = Warm(MODULE, {"some": "setting"}, level="C")
    yield made
    made.close()


def answers(warm: Warm) -> bool:
    with warm.child(LIMITS) as child:
        return child.ask(b"echo still here", LONG) == b"still here"


def pids(child: Child) -> tuple[int, int]:
    """The child's, and the warm process's."""
    own, parent, prepared = json.loads(child.ask(b"pids", LONG))
    assert parent == prepared
    return own, parent


def alive(pid: int) -> bool:
    """Neither gone nor a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until_gone(pid: int) -> None:
    while alive(pid):
        os.sched_yield()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


# --- what it is for ---


def test_nothing_is_started_before_the_first_child(warm: Warm) -> None:
    assert warm._process is None
    assert answers(warm)
    assert warm._process is not None


def test_every_child_is_a_fork_of_its_own(warm: Warm) -> None:
    with warm.child(LIMITS) as one, warm.child(LIMITS) as other:
        (first, zygote), (second, same) = pids(one), pids(other)
        assert zygote == same
        assert len({first, second, zygote, os.getpid()}) == 4
        assert pids(one) == (first, zygote)
        assert alive(first)
    assert not alive(first)
    assert not alive(second)
    assert alive(zygote)


@pytest.mark.parametrize("message", [b"echo ", b"echo x", BIG], ids=["empty", "short", "more than a buffer holds"])
def test_a_message_comes_back_as_it_went(warm: Warm, message: bytes) -> None:
    with warm.child(LIMITS) as child:
        for _ in range(2):
            assert child.ask(message, LONG) == message[5:]


def test_a_child_has_nothing_of_ours(warm: Warm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "canary")
    with warm.child(LIMITS) as child:
        settings, environment, open_ones = json.loads(child.ask(b"state", LONG))
    assert settings["some"] == "setting"
    assert "canary" not in environment.values()
    assert environment["HOME"] in ("/nonexistent", *POINTS)
    assert len(open_ones) == 4  # three that lead nowhere, and the socket


def test_a_child_behind_walls_answers_too(walls: None) -> None:
    warm = Warm(MODULE, {})
    with warm.child(LIMITS) as child:
        assert child.ask(BIG, LONG) == BIG[5:]
    warm.close()


def test_a_child_without_the_walls_it_was_promised_ends_at_once(
    warm: Warm, walls: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One layer is missing, and it is no student's fault."""
    missing = Warm("tests.sandbox.warm_unwalled", {})
    with missing.child(LIMITS) as child, pytest.raises(Fault):
        child.ask(b"echo x", LONG)
    missing.close()


# --- what ends a child ---


def ended(warm: Warm, message: bytes, kind: type[Exception], seconds: float = LONG) -> Any:
    """How; the child is gone then, and the next one works."""
    child = warm.child(LIMITS)
    pid, zygote = pids(child)
    with pytest.raises(kind) as caught:
        child.ask(message, seconds)
    assert not alive(pid)
    assert child.end() == child.end()
    assert answers(warm)
    with warm.child(LIMITS) as after:
        assert pids(after)[1] == zygote
    return caught.value


def test_an_endless_loop(warm: Warm) -> None:
    ended(warm, b"loop", OutOfTime, SHORT)


@pytest.mark.parametrize("status", [0, 3])
def test_an_exit(warm: Warm, status: int) -> None:
    stopped = ended(warm, b"exit %d" % status, Exited)
    assert (stopped.status, stopped.signal) == (status, None)


def test_half_an_answer(warm: Warm) -> None:
    assert ended(warm, b"half", Exited).status == 0


def test_an_answer_that_is_too_long(warm: Warm) -> None:
    assert MAX_FRAME < 2**62
    ended(warm, b"huge", TooMuchOutput)


def test_a_socket_that_is_closed(warm: Warm) -> None:
    """It lives on, deaf, and is killed."""
    ended(warm, b"deaf", HungUp)


def test_a_fault_of_ours(warm: Warm) -> None:
    ended(warm, b"raise", Fault)


def test_one_that_is_killed(warm: Warm) -> None:
    child = warm.child(LIMITS)
    pid, _ = pids(child)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Exited) as caught:
        child.ask(BIG, LONG)
    assert caught.value.signal == signal.SIGKILL
    assert answers(warm)


def test_one_that_reads_nothing_while_much_is_sent(warm: Warm) -> None:
    child = warm.child(LIMITS)
    pid, _ = pids(child)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(OutOfTime):
        child.ask(BIG, SHORT)
    assert not alive(pid)


def test_how_it_ended_is_known(warm: Warm) -> None:
    with warm.child(LIMITS) as child:
        pids(child)
        with pytest.raises(OutOfTime):
            child.ask(b"loop", SHORT)
        assert child.end().status == -signal.SIGKILL
        assert child.end().memory > 1000
        assert 0 <= child.end().cpu < LONG


# --- what ends the warm process ---


def test_it_is_started_again_where_it_was_killed(warm: Warm) -> None:
    child = warm.child(LIMITS)
    own, zygote = pids(child)
    os.kill(zygote, signal.SIGKILL)
    with pytest.raises(Died):
        child.ask(b"loop", LONG)
    wait_until_gone(own)
    assert answers(warm)
    with warm.child(LIMITS) as after:
        assert pids(after)[1] != zygote


def test_it_may_die_between_two_children(warm: Warm) -> None:
    with warm.child(LIMITS) as child:
        _, zygote = pids(child)
    os.kill(zygote, signal.SIGKILL)
    os.waitid(os.P_PID, zygote, os.WEXITED | os.WNOWAIT)  # it is ours: until its end is known
    assert answers(warm)


@pytest.mark.parametrize(
    ("do", "note"), [("fail", "ValueError: this cannot be prepared"), ("thread", "several threads")]
)
def test_what_cannot_be_prepared_says_why(do: str, note: str) -> None:
    broken = Warm(MODULE, {"do": do}, level="C")
    with pytest.raises(Died) as caught:
        answers(broken)
    assert note in "".join(caught.value.__notes__)
    broken.close()


def test_one_that_ends_without_a_word() -> None:
    broken = Warm(MODULE, {"do": "exit"}, level="C")
    for _ in range(2):
        with pytest.raises(Died, match="status 3"):
            answers(broken)
    broken.close()


def test_a_module_that_is_not_there() -> None:
    broken = Warm("tests.nosuchthing", {}, level="C")
    with pytest.raises(Died) as caught:
        answers(broken)
    assert "ModuleNotFoundError" in "".join(caught.value.__notes__)
    broken.close()


# --- nothing is left ---


def test_closing_it_ends_everything(warm: Warm) -> None:
    child = warm.child(LIMITS)
    own, zygote = pids(child)
    warm.close()
    assert not alive(zygote)
    wait_until_gone(own)
    warm.close()
    with pytest.raises(Died):
        child.ask(b"echo x", LONG)
    assert answers(warm)


def test_one_that_is_forgotten_ends(warm: Warm) -> None:
    with warm.child(LIMITS) as child:
        _, zygote = pids(child)
    del child
    warm._process = None
    gc.collect()
    assert not alive(zygote)


def test_descriptors_are_given_back(warm: Warm) -> None:
    before = descriptors()
    assert answers(warm)
    during = descriptors()
    for _ in range(5):
        assert answers(warm)
        ended(warm, b"exit 1", Exited)
    assert descriptors() == during
    warm.close()
    assert descriptors() == before


GRADER = f"""
import signal
from grader.sandbox.limits import Limits
from grader.sandbox.warm import Warm
warm = Warm({MODULE!r}, {{}}, level="C")
children = [warm.child(Limits()) for _ in range(2)]
print(*[child.ask(b"pids", 60).decode() for child in children], sep="\\n", flush=True)
children[0].ask(b"loop", 60)
"""


def test_nothing_outlives_a_grader_that_is_killed() -> None:
    path = os.pathsep.join(map(os.path.abspath, sys.path))
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    with grader:
        assert grader.stdout is not None
        left = {pid for _ in range(2) for pid in json.loads(grader.stdout.readline())}
        assert len(left) == 3
        assert all(alive(pid) for pid in left)
        grader.kill()
    for pid in left:
        wait_until_gone(pid)


def test_a_process_forked_from_ours_leaves_it_alone(warm: Warm) -> None:
    with warm.child(LIMITS) as child:
        _, zygote = pids(child)
    forked = os.fork()
    if forked == 0:
        warm.close()
        os._exit(0)
    os.waitpid(forked, 0)
    assert alive(zygote)
    assert answers(warm)
