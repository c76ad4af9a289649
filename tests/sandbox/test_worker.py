"""The one way to run a bounded child. Nothing here waits by the clock: each test looks at what has happened."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import SpecError, Undecided, Unreadable
from grader.sandbox.endings import Died, OutOfMemory, OutOfTime, Stopped
from grader.sandbox.worker import LIMITS, Worker
from tests.sandbox.worker_child import Unsendable
from tests.sandbox.worker_slow import IMPORTED_AFTER

CHILD = "tests.sandbox.worker_child"
LONG = 60.0
SHORT = 0.1
SMALL = 2**28


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker(CHILD, limits=replace(LIMITS, memory=SMALL))
    yield made
    made.close()


def answers(worker: Worker) -> bool:
    return bool(worker.run(("echo", "still here"), LONG) == "still here")


def gone(pid: int) -> bool:
    """Neither running nor left as a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_until_gone(pid: int) -> None:
    """For a process that is not our child: until its end is known to whoever is its parent."""
    while not gone(pid):
        if state(pid) == "Z":
            return
        os.sched_yield()


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def pid_of(worker: Worker) -> int:
    assert worker.pid is not None
    return worker.pid


# --- what it is for ---


def test_nothing_is_started_before_the_first_job(worker: Worker) -> None:
    assert worker.pid is None
    assert answers(worker)
    assert worker.pid is not None


def test_it_lives_on_across_jobs(worker: Worker) -> None:
    pids = {worker.run(("pid", None), LONG) for _ in range(3)}
    assert pids == {worker.pid}
    assert worker.pid != os.getpid()


@pytest.mark.parametrize("value", [None, 0, "é\n\x00", b"\xff" * 100_000, [1, {"a": (2.5, None)}], "x" * 3_000_000])
def test_a_value_comes_back_as_it_went(worker: Worker, value: object) -> None:
    assert worker.run(("echo", value), LONG) == value


def test_the_start_does_not_count_against_the_deadline() -> None:
    slow = Worker("tests.sandbox.worker_slow")
    assert slow.run("done", IMPORTED_AFTER * 0.9) == "done"
    slow.close()


# --- what stops it ---


def test_an_endless_loop_is_killed(worker: Worker) -> None:
    assert answers(worker)
    before = pid_of(worker)
    with pytest.raises(OutOfTime):
        worker.run(("loop", None), SHORT)
    assert gone(before)
    assert answers(worker)
    assert worker.pid != before


def test_a_first_job_may_loop_too(worker: Worker) -> None:
    with pytest.raises(OutOfTime):
        worker.run(("loop", None), SHORT)
    assert worker.pid is None
    assert answers(worker)


def test_the_whole_group_is_killed(worker: Worker) -> None:
    grandchild = worker.run(("grandchild", None), LONG)
    assert state(grandchild) not in ("", "Z")
    assert os.getpgid(grandchild) == worker.pid != os.getpgid(0)
    with pytest.raises(OutOfTime):
        worker.run(("loop", None), SHORT)
    wait_until_gone(grandchild)


def test_memory_is_bounded(worker: Worker) -> None:
    assert answers(worker)
    before = pid_of(worker)
    with pytest.raises(OutOfMemory):
        worker.run(("hoard", None), LONG)
    assert gone(before)
    assert answers(worker)


@pytest.mark.parametrize(
    "job",
    [
        ("exit", 0),
        ("exit", 3),
        ("kill", signal.SIGKILL),
        ("kill", signal.SIGTERM),
        ("segfault", None),
        ("raise", "exit"),
        ("raise", "interrupt"),
    ],
    ids=str,
)
def test_a_crash_is_told_and_the_next_job_is_done(worker: Worker, job: tuple[str, object]) -> None:
    assert answers(worker)
    before = pid_of(worker)
    with pytest.raises(Died):
        worker.run(job, LONG)
    assert gone(before)
    assert answers(worker)


@pytest.mark.parametrize(
    "job",
    [
        ("garbage", b"garbage" * 100),
        ("garbage first", b"\x00" * 20),
        ("stale", None),
        ("endless", None),
        ("unopenable", None),
        ("huge", None),
    ],
    ids=str,
)
def test_nonsense_on_the_pipe_is_no_answer(worker: Worker, job: tuple[str, object]) -> None:
    with pytest.raises(Died, match="cannot be read"):
        worker.run(job, LONG)
    assert answers(worker)


def test_a_second_answer_is_not_taken_for_the_next_one(worker: Worker) -> None:
    assert worker.run(("twice", "a"), LONG) == "a"
    with pytest.raises(Died, match="cannot be read"):
        worker.run(("echo", "b"), LONG)
    assert worker.run(("echo", "c"), LONG) == "c"


def test_processor_time_is_bounded_for_orphans(worker: Worker) -> None:
    spent = [worker.run(("limits", None), LONG)["RLIMIT_CPU"], worker.run(("limits", None), 5.0)["RLIMIT_CPU"]]
    assert LONG <= spent[0] < LONG + 30
    assert 5 <= spent[1] < 30
    with pytest.raises(OutOfTime):
        worker.run(("overspend", None), LONG)
    assert answers(worker)


def test_the_limits(worker: Worker) -> None:
    found = worker.run(("limits", None), LONG)
    assert found["RLIMIT_AS"] == SMALL
    assert found["RLIMIT_CORE"] == 0
    assert 0 < found["RLIMIT_NOFILE"] <= 64
    assert 0 < found["RLIMIT_FSIZE"] <= 2**24


def test_one_that_ended_between_jobs_is_replaced(worker: Worker) -> None:
    assert answers(worker)
    before = pid_of(worker)
    os.kill(before, signal.SIGKILL)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    assert answers(worker)
    assert worker.pid != before


def test_a_module_that_cannot_be_imported() -> None:
    missing = Worker("tests.no_such_module")
    with pytest.raises(Died):
        missing.run(("echo", 1), LONG)
    assert missing.pid is None


def test_one_that_never_gets_ready() -> None:
    slow = Worker("tests.sandbox.worker_slow", start=SHORT)
    with pytest.raises(Died, match="did not start"):
        slow.run(None, LONG)
    assert slow.pid is None


# --- errors ---


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("undecided", Undecided), ("unreadable", Unreadable), ("spec", SpecError), ("keywords", Unsendable)],
)
def test_our_errors_come_back_as_they_were(worker: Worker, kind: str, expected: type[Exception]) -> None:
    assert answers(worker)
    before = worker.pid
    with pytest.raises(expected) as raised:
        worker.run(("raise", kind), LONG)
    assert type(raised.value) is expected
    assert worker.pid == before, "an error raised on purpose is no fault of the worker"
    match raised.value:
        case Unreadable() as error:
            assert (str(error), error.position) == ("expected `)`", 7)
        case SpecError() as error:
            assert str(error) == "a.yaml:1: early\nb.yaml:2: x: late"
            assert [fault.message for fault in error.faults] == ["early", "late"]
        case Unsendable() as error:
            assert (str(error), error.second) == ("one and two", "two")


def test_a_fault_of_ours_is_named(worker: Worker) -> None:
    with pytest.raises(Died, match="ZeroDivisionError") as raised:
        worker.run(("raise", "fault"), LONG)
    assert "raise_error" in raised.value.__notes__[0]
    assert answers(worker)


def test_an_answer_that_cannot_be_sent(worker: Worker) -> None:
    with pytest.raises(Died):
        worker.run(("function", None), LONG)
    assert answers(worker)


def test_a_job_that_is_nested_too_deeply(worker: Worker) -> None:
    deep: list[object] = []
    for _ in range(200_000):
        deep = [deep]
    with pytest.raises(Stopped):
        worker.run(("echo", deep), LONG)
    while deep:
        deep = deep.pop()  # type: ignore[assignment]
    assert answers(worker)


# --- its surroundings ---


def test_what_it_prints_is_not_an_answer(worker: Worker) -> None:
    assert worker.run(("say", "loudly"), LONG) == "loudly"
    assert answers(worker)


def test_it_reads_nothing_that_is_meant_for_us(worker: Worker) -> None:
    assert worker.run(("read", None), LONG) == ""
    assert answers(worker)


def test_its_environment_is_small(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "the seed of all draws")
    found = worker.run(("environment", None), LONG)
    assert "SECRET" not in found
    assert set(found) <= {"PATH", "LANG", "LC_CTYPE", "PYTHONPATH", "PYTHONHASHSEED", "LD_LIBRARY_PATH", "SYSTEMROOT"}


def test_it_imports_what_we_import(worker: Worker) -> None:
    import grader

    theirs = worker.run(("path", None), LONG)
    assert "" not in theirs
    assert worker.run(("file", "grader"), LONG) == grader.__file__


def test_hashes_are_the_same_in_every_run(worker: Worker) -> None:
    first = worker.run(("hashes", None), LONG)
    worker.close()
    assert worker.run(("hashes", None), LONG) == first


# --- several ---


def test_two_at_once(worker: Worker) -> None:
    other = Worker(CHILD, limits=replace(LIMITS, memory=SMALL))
    assert answers(worker)
    assert answers(other)
    assert worker.pid != other.pid
    with pytest.raises(OutOfTime):
        worker.run(("loop", None), SHORT)
    assert other.run(("pid", None), LONG) == other.pid
    other.close()


def test_threads_may_share_one(worker: Worker) -> None:
    found: list[tuple[int, object]] = []

    def ask(number: int) -> None:
        for place in range(20):
            found.append((number, worker.run(("echo", (number, place)), LONG)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(answer[0] == number for number, answer in found)  # type: ignore[index]


def test_a_forked_process_leaves_it_alone(worker: Worker) -> None:
    """The fork gets a child of its own, and its end does not end ours."""
    assert answers(worker)
    before = pid_of(worker)
    reading, writing = os.pipe()
    forked = os.fork()
    if not forked:
        mine = worker.run(("pid", None), LONG)
        os.write(writing, f"{mine} {worker.pid}".encode())
        worker.close()
        os._exit(0)
    os.waitpid(forked, 0)
    theirs = os.read(reading, 100).decode().split()
    os.close(reading)
    os.close(writing)
    assert len(theirs) == 2
    assert theirs[0] == theirs[1] != str(before)
    assert worker.run(("pid", None), LONG) == before


def test_a_fork_while_it_is_at_work(worker: Worker) -> None:
    """The lock is held at the fork, by a thread that does not exist there."""
    assert answers(worker)
    with worker._lock:
        forked = os.fork()
        if not forked:
            os._exit(0 if answers(worker) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0
    assert answers(worker)


# --- the end ---


def test_close_leaves_nothing_running(worker: Worker) -> None:
    assert answers(worker)
    before = pid_of(worker)
    worker.close()
    assert worker.pid is None
    assert gone(before)
    worker.close()
    assert answers(worker), "it starts again where it is needed again"


def test_one_that_nobody_holds_is_ended() -> None:
    held = Worker(CHILD)
    assert answers(held)
    before = pid_of(held)
    del held
    gc.collect()
    assert gone(before)


PARENT = f"""
import os, signal, sys
from grader.sandbox.worker import LIMITS, Worker
worker = Worker({CHILD!r})
print(worker.run(("pid", None), 60.0), flush=True)
if sys.argv[1] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
elif sys.argv[1] == "raises":
    raise RuntimeError
"""


@pytest.mark.parametrize("how", ["ends", "raises", "killed"])
def test_nothing_outlives_the_parent(how: str) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", PARENT, how], capture_output=True, text=True, check=False, env=environment
    )
    wait_until_gone(int(done.stdout.split()[-1]))
