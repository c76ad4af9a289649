"""How marking tests are shown: at any width, without colour, and with what a hostile key holds."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from grader.errors import Fault, Where
from grader.keys import MarkingTest
from grader.marking import ItemTrials, Trial
from grader.reports.trials import Printer, exit_status
from grader.result import Outcome
from tests.course import real_course

ITEM = next(item for item in real_course().assignments["midterm"].items if item.id == "4d")


def trial(response: str, expected: str, status: str, score: float = 0.0, said: str = "") -> Trial:
    test = MarkingTest(responses={"jacobian": response}, score=0, status=expected)  # type: ignore[arg-type]
    outcome = Outcome(status=status, score=score)  # type: ignore[arg-type]
    return Trial("4d", test.placed(Where(Path("reference/midterm/4.yaml"), 7)), {"jacobian": outcome.saying(said)}, 2)


def shown(*done: ItemTrials, width: int = 80, verbose: bool = False, ascii_: bool = False) -> str:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, "ascii" if ascii_ else "utf-8", errors="backslashreplace")
    printer = Printer(real_course(), Console(file=out, width=width), verbose)
    for item in done:
        printer.item(item)
    printer.summary(done)
    out.flush()
    return raw.getvalue().decode()


FAILED = ItemTrials(
    "midterm", ITEM, (trial("r", "incorrect", "correct", 2, "Well."), trial("r^2", "malformed", "malformed"))
)


def test_expected_stands_beside_got() -> None:
    text = shown(FAILED)
    for part in ("✗ 4d", "1 passed, 1 failed", "0 right, 1 wrong, 1 malformed", "jacobian: r", "4.yaml:7"):
        assert part in text
    assert "expected  incorrect  0" in text
    assert "got       correct    2" in text
    assert "said      Well." in text
    assert "r^2" not in text
    assert "2 marking tests of 1 item: 1 failed" in text


def test_a_fault_that_all_tests_run_into_is_told_once() -> None:
    broken = [trial(word, "correct", "error", said="the key cannot be read") for word in "abc"]
    text = shown(ItemTrials("midterm", ITEM, (*broken, trial("d", "correct", "error", said="another"))))
    assert (text.count("the key cannot be read"), text.count("another")) == (1, 1)
    assert "and 2 other tests with the same fault" in text
    assert exit_status([ItemTrials("midterm", ITEM, tuple(broken))]) == 2


def test_what_was_not_tested_is_not_said_to_have_passed() -> None:
    faulty = ItemTrials("midterm", ITEM, faults=(Fault(Where(Path("a"), 1), "4d", "bad"),))
    good = ItemTrials("midterm", ITEM, (trial("r", "correct", "correct"),))
    assert "no marking tests were run; 1 item not tested" in shown(faulty)
    assert "1 marking test of 1 item: all passed; 1 item not tested" in shown(faulty, good)
    assert "no marking tests were run\n" in shown(ItemTrials("midterm", ITEM))


def test_fields_with_few_tests_are_named() -> None:
    text = " ".join(shown(FAILED).split())
    assert "jacobian has 0 right, 1 wrong, 1 malformed; it should have 3 right, 3 wrong, 1 malformed" in text
    assert "density has 0 right, 0 wrong, 0 malformed" in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    long = trial("x" * 900, "correct", "incorrect", said="y " * 300)
    assert max(map(len, shown(ItemTrials("midterm", ITEM, (long,)), width=width).splitlines())) <= width


def test_nothing_hostile_reaches_the_terminal() -> None:
    text = shown(
        ItemTrials(
            "midterm",
            ITEM,
            (trial("\x1b[31m[bold]r[/bold]\u202e", "correct", "incorrect", said="\x07\x1b[31m\u202e[/]"),),
        )
    )
    assert "[bold]r[/bold]" in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_an_old_terminal_can_show_it() -> None:
    assert "\\u" not in shown(FAILED, ascii_=True).replace("\\u2500", "")


def test_faults_and_failures_are_told_by_the_exit_status() -> None:
    faulty = ItemTrials("midterm", ITEM, faults=(Fault(Where(Path("4.yaml"), 3), "4d.density", "cannot be read"),))
    passed = ItemTrials("midterm", ITEM, (trial("r^2", "incorrect", "incorrect"),))
    assert [exit_status(done) for done in ([passed], [passed, FAILED], [FAILED, faulty], [])] == [0, 1, 2, 0]
    text = shown(faulty, passed)
    assert "not tested: 1 fault in its key" in text
    assert "4.yaml:3: 4d.density: cannot be read" in text
    assert "not tested, for their keys have faults: midterm/4d" in text
