"""Two texts compared, from the shell or from a file of pairs."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from grader.comparing import Comparison, compare_command, compare_pairs, compare_texts, pairs_to_json, read_pairs
from grader.errors import UsageError
from grader.math.declaring import read_symbols
from grader.math.texts import Kind

PAIRS = Path(__file__).parent / "data" / "expression_pairs.json"


def compared(key: str, response: str, symbols: str = "", kind: Kind = "expression") -> Comparison:
    return compare_texts(key, response, read_symbols(symbols), kind)


def decision(key: str, response: str, symbols: str = "", kind: Kind = "expression") -> str:
    return compared(key, response, symbols, kind).judgement.decision


# --- expressions ---


def test_both_readings_are_told() -> None:
    found = compared("-1/(1-D)", r"\frac{1}{D-1}", "D: (0,1)")
    assert found.judgement.decision == "equal"
    assert found.judgement.rung == "exact"
    assert found.key is not None
    assert found.response is not None
    assert (found.key.latex, found.key.plain) == (r"-\frac{1}{1 - D}", "-1/(1 - D)")
    assert (found.response.latex, found.response.plain) == (r"\frac{1}{D - 1}", "1/(D - 1)")


def test_a_difference_comes_with_a_witness_and_a_line_that_shows_it() -> None:
    found = compared("r*p_XY(r, 1)", "p_XY(r, 1)", "r: positive, p_XY: 2 arguments")
    judgement = found.judgement
    assert judgement.decision == "unequal"
    assert judgement.witness is not None
    assert judgement.values is not None
    assert "r" in judgement.witness
    command, option, code = shlex.split(found.reproduce)
    assert (command, option) == ("python3", "-c")
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    shown = [row.split() for row in done.stdout.splitlines()]
    assert [label for label, _ in shown] == ["key", "response"]
    assert [float(v) for _, v in shown] == pytest.approx([float(v) for v in judgement.values], rel=1e-9)


def test_what_python_cannot_show_is_reproduced_by_the_command_itself() -> None:
    found = compared("integral(x^2, x=0..t)", "t^3/2", "t: positive")
    assert found.judgement.decision == "unequal"
    program, command, key, response, option, words = shlex.split(found.reproduce)
    assert (program, command, option) == ("grade", "compare", "--symbols")
    again = compared(key, response, words)
    assert again.judgement == found.judgement


def test_a_key_that_begins_with_a_minus_sign_and_aliases_survive_the_command() -> None:
    symbols = read_symbols("D: (0, 1)")
    symbols = {"D": symbols["D"].model_copy(update={"aliases": (r"D_\phi(z)",)})}
    command = compare_command("-1/D", r"-\frac{1}{D_\phi(z)}", symbols)
    assert shlex.split(command) == ["grade", "compare", "-1/D", "-1/D", "--symbols", "D: (0, 1)"]


@pytest.mark.parametrize(
    ("key", "response", "side", "position"),
    [("r", "r*(2", "response", 4), ("r +", "r", "key", 3), ("r +", "r*(2", "key", 3), ("r", "$q$", "response", 0)],
)
def test_malformed_says_which_side_and_where(key: str, response: str, side: str, position: int) -> None:
    judgement = compared(key, response, "r: positive").judgement
    assert (judgement.decision, judgement.side, judgement.position) == ("malformed", side, position)
    assert judgement.reason


def test_the_readable_side_of_a_malformed_pair_is_told() -> None:
    found = compared("r", "r*(2", "r: positive")
    assert found.response is None
    assert found.key is not None
    assert found.key.plain == "r"


def test_a_response_may_be_dressed_as_in_grading() -> None:
    assert decision("r", "$J = r$", "r: positive") == "equal"


@pytest.mark.parametrize(
    ("key", "response", "symbols", "expected"),
    [
        ("x", "exp(log(x))", "x: nonnegative", "equal"),
        ("log(x^2)", "2*log(x)", "x: real", "undecided"),
        ("2*log(x)", "log(x^2)", "x: positive", "equal"),
    ],
)
def test_where_the_response_has_no_value_is_told(key: str, response: str, symbols: str, expected: str) -> None:
    judgement = compared(key, response, symbols).judgement
    assert judgement.decision == expected
    assert ("the response has none" in judgement.reason) == ("positive" not in symbols)


def test_the_same_command_says_the_same() -> None:
    first, second = (compared("f(x)", "f(-x)", "f: 1 argument, x: real") for _ in range(2))
    assert first == second


# --- regions and sets ---


@pytest.mark.parametrize(
    ("key", "response", "symbols", "expected"),
    [
        ("(0,1)", "(0,1]", "", "unequal"),
        ("(0,1)", r"\{x: 0<x<1\}", "x: real", "equal"),
        ("0<T<1", "T<1", "T: positive", "equal"),
        ("0<T<1", "T<1", "T: real", "unequal"),
        ("x < 1", "x <", "", "malformed"),
        ("x < 1", "sin(x) < sin(1)", "", "undecided"),
    ],
)
def test_regions(key: str, response: str, symbols: str, expected: str) -> None:
    assert decision(key, response, symbols, "region") == expected


def test_a_point_that_is_in_one_region_alone() -> None:
    judgement = compared("(0,1)", "(0,1]", kind="region").judgement
    assert judgement.witness == {"x": "1"}
    assert judgement.values == ("outside", "inside")
    assert "end points" in judgement.reason


@pytest.mark.parametrize(
    ("key", "response", "symbols", "expected"),
    [
        (r"\{1,3\}", r"\{3,1\}", "", "equal"),
        (r"\{1,3\}", "{3, 1, 2/2}", "", "equal"),
        (r"\{1,3\}", "{1}", "", "unequal"),
        ("{1}", r"\{1,3\}", "", "unequal"),
        (r"\{1,300\}", r"\{300,1\}", "", "equal"),
        (r"\left\{1,300\right\}", "{1300}", "", "unequal"),
        ("{a, b}", "{b, a}", "a: positive, b: positive", "equal"),
        ("{a, b}", "{a, a}", "a: positive, b: positive", "unequal"),
        ("{x, -x}", "{|x|, -|x|}", "x: real", "equal"),
        ("{}", "{}", "", "equal"),
        ("{}", "{0}", "", "unequal"),
        ("{1, 3}", "1, 3", "", "malformed"),
        ("{1, 3}", "{1, 3", "", "malformed"),
        ("{1, 3}", "{1, 3} + 1", "", "malformed"),
    ],
)
def test_finite_sets(key: str, response: str, symbols: str, expected: str) -> None:
    assert decision(key, response, symbols, "set") == expected


def test_the_element_that_is_in_one_set_alone_is_named() -> None:
    assert compared("{1, 3}", "{1, 2}", kind="set").judgement.reason == "`2` stands in the response and not in the key"
    assert compared("{1, 3}", "{1}", kind="set").judgement.reason == "`3` stands in the key and not in the response"


def test_sets_are_printed() -> None:
    found = compared(r"\{\frac12, a\}", "{1}", "a: real", "set")
    assert found.key is not None
    assert (found.key.latex, found.key.plain) == (r"\{\frac{1}{2}, a\}", "{1/2, a}")


# --- files of pairs ---


def test_no_pair_is_judged_wrongly() -> None:
    truth = {pair.id: "equal" if pair.equal else "unequal" for pair in read_pairs(PAIRS)}
    report = compare_pairs(PAIRS)
    assert [pair["id"] for pair in report["pairs"]] == list(truth)
    wrong = [pair for pair in report["pairs"] if pair["verdict"] not in (truth[pair["id"]], "undecided")]
    assert wrong == []
    still_open = [pair for pair in report["pairs"] if pair["verdict"] == "undecided"]
    assert len(still_open) <= len(truth) / 50
    assert all(pair["ms"] >= 0 for pair in report["pairs"])


def test_the_report_is_json_with_one_pair_a_line() -> None:
    report = {"pairs": [{"id": 0, "verdict": "equal", "ms": 0.31, "rung": "exact", "reason": ""}, {"id": "β"}]}
    text = pairs_to_json(report)
    assert json.loads(text) == report
    assert len(text.splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no file of pairs"),
        ("[]", "is no file of pairs"),
        ('{"pairs": [{"gold": "1"}]}', "is no file of pairs"),
        ('{"pairs": [{"id": 7, "gold": "1", "answer": "1", "symbols": {"x": "positve"}}]}', "pair 7: `x: positve`"),
        ('{"pairs": [{"id": 7, "gold": "1", "answer": "1", "kind": "proof"}]}', "pair 7: 'proof' is no kind"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "pairs.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=said.replace("`", ".")):
        compare_pairs(file)


def test_symbols_and_truth_may_be_left_out(tmp_path: Path) -> None:
    file = tmp_path / "pairs.json"
    file.write_text('{"pairs": [{"id": 1, "gold": "2", "answer": "1+1"}]}')
    assert compare_pairs(file)["pairs"][0]["verdict"] == "equal"
