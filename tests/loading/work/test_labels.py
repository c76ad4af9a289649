import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.loading.work.labels import Match, match_field, match_item, nearest, parts_of, title_behind

QUESTIONS = {1: "abcdefghij", 2: "abcde", 3: "abcdef", 4: "abcd", 5: "abcde", 6: "abcd", 7: "abcdefg"}
MIDTERM = [f"{number}{part}" for number, parts in QUESTIONS.items() for part in parts]
PS1 = ["1", "2", "3.1", "3.2", "3.3", "4", "5.1", "5.2", "6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7a", "6.7b"]


def midterm(label: str, under: str = "") -> Match:
    return match_item(label, MIDTERM, names=("midterm",), under=under)


def ps1(label: str, under: str = "") -> Match:
    return match_item(label, PS1, names=("ps1", "Problem set 1"), under=under)


@pytest.mark.parametrize(
    "label",
    ["4d", "4d: Polar coordinates", "4d:", "4d — Polar", "4d - Polar", "4d (4 points)", "4d [4 pts]: x", "**4d**"],
)
def test_the_id_with_a_title_is_exact(label: str) -> None:
    assert midterm(label) == Match("4d", exact=True, looks_like_item=True)


@pytest.mark.parametrize(
    "label",
    [
        *["4D", "Question 4 (d)", "Problem 4d", "Q4d", "Q. 4(d)", "4.d", "4(d)", "(4d)", "4d.", "4d)", "#4d"],
        *["midterm/4d", "Midterm 4d", "MIDTERM: 4(d)", "Question 4 (d) [4 points]", "Exercise 4d: Polar", "4 (d)"],
        *["Solution to problem 4d", "question 4.d — Polar", "item 4d", r"\textbf{4D}", "4d) Polar coordinates"],
    ],
)
def test_other_words_for_an_item(label: str) -> None:
    assert midterm(label) == Match("4d", looks_like_item=True)


@pytest.mark.parametrize(
    ("label", "item"),
    [
        *[("ps1 3.1", "3.1"), ("PS 1: 3.1", "3.1"), ("ps1/6.7a", "6.7a"), ("3(1)", "3.1"), ("Exercise 3.1:", "3.1")],
        *[("6.7(a)", "6.7a"), ("6.7 a", "6.7a"), ("6.7A", "6.7a"), ("6.7 (B): Horizon", "6.7b"), ("Question 1", "1")],
        *[("1", "1"), ("Problem set 1, 4", "4"), ("4 (15 points)", "4"), ("1. Maximum likelihood", "1")],
        *[("1 Maximum likelihood", "1"), ("4 A better way", "4"), ("3.1 Counting", "3.1"), ("Problem 5.1 Bias", "5.1")],
    ],
)
def test_items_with_numbers_only(label: str, item: str) -> None:
    assert ps1(label).item == item


@pytest.mark.parametrize("label", ["Question 4", "4", "4.", "Question 4: Flows", "4 Normalizing flows", "Q4"])
def test_a_question_is_no_item_but_heads_some(label: str) -> None:
    assert midterm(label) == Match(heads=True)


@pytest.mark.parametrize("label", ["3", "Problem 3", "5", "Question 6: GPT-2", "6.7", "Exercise 6.7"])
def test_numbers_that_head_items_only_in_part(label: str) -> None:
    assert ps1(label) == Match(heads=True)


@pytest.mark.parametrize(
    "label", ["Normalizing flows", "Midterm", "", "2024 spring", "Answer", "Why", "p_T", "1st attempt"]
)
def test_titles(label: str) -> None:
    found = midterm(label)
    assert found == Match()


@pytest.mark.parametrize(
    ("label", "suggestion"),
    [("4e", "4d"), ("4dd", "4d"), ("Question 1 (k)", "1j"), ("7h", "7g"), ("Q8a: foo", "7a"), ("4(d)(i)", "4d")],
)
def test_unknown_items_have_a_nearest(label: str, suggestion: str) -> None:
    found = midterm(label)
    assert found.item is None
    assert found.looks_like_item
    assert found.suggestion == suggestion


def test_digits_are_not_cut_short() -> None:
    assert ps1("3.10").item is None
    assert ps1("3.10").suggestion == "3.1"
    assert ps1("Exercise 3.10: x").item is None
    assert ps1("10").item is None
    assert ps1("1.5").item is None
    assert ps1("7") == Match(looks_like_item=True, weak=True, core="7")


def test_parts_of_an_item_without_parts_are_unknown() -> None:
    assert ps1("4 (a)").item is None
    assert ps1("4 a)").suggestion == "4"


@pytest.mark.parametrize("label", ["1. First case", "2 cases", "(2)", "2."])
def test_bare_numbers_are_weak(label: str) -> None:
    assert ps1(label).weak


@pytest.mark.parametrize("label", ["(d)", "d", "d)", "Part (d)", "part d: Polar", "(D) Polar coordinates"])
def test_parts_below_a_question(label: str) -> None:
    assert midterm(label, under="Question 4: Flows").item == "4d"
    assert midterm(label).item is None


def test_numbered_parts_below_a_question() -> None:
    assert ps1("(2)", under="Problem 3").item == "3.2"
    assert ps1("1", under="3").item == "3.1"
    assert ps1("a", under="6.7").item == "6.7a"
    assert midterm("A remark", under="Question 4").item is None


@pytest.mark.parametrize("label", ["\u202e4d", "4d\u200b", "\x004d", "\uff14d", "4d\ufeff"])
def test_hidden_characters_hide_nothing(label: str) -> None:
    assert midterm(label).item == "4d"


def test_items_that_only_case_or_dots_tell_apart() -> None:
    assert match_item("a.1", ["a.1", "a1"]).item == "a.1"
    assert match_item("1(a)", ["1.a", "1a"]).item is None
    assert match_item("x", ["X", "x"]).item == "x"
    assert match_item("BONUS", ["bonus"]) == Match("bonus", looks_like_item=True)
    assert match_item("bonus: more", ["bonus"]).exact


@pytest.mark.parametrize("label", ["4d 1/15", "4d $x$", "4d = 1", "4d=1", "4d, no", "4d no"])
def test_anything_may_stand_behind_an_id_with_a_letter(label: str) -> None:
    assert midterm(label) == Match("4d", exact=True, looks_like_item=True)
    assert not ps1("4 1/15").item


def test_a_loose_title_behind_another_word_for_an_item_is_a_guess() -> None:
    assert midterm("2D Gaussians") == Match(suggestion="2d", looks_like_item=True, weak=True, core="2d")


@pytest.mark.parametrize(
    ("label", "item", "title"),
    [
        *[("4d", "4d", ""), ("4d: x", "4d", "x"), ("Question 4 (d) [4 pts]: $x$", "4d", "$x$"), ("4d: -1", "4d", "-1")],
        *[
            ("(d) x", "4d", "x"),
            ("**4d: x**", "4d", "x"),
            ("**4d** **x**", "4d", "**x**"),
            ("Midterm 4d — x", "4d", "x"),
        ],
        *[(r"\textbf{4d: \frac{1}{2}}", "4d", r"\frac{1}{2}"), ("PS 3: 3.1 x", "3.1", "x"), ("nothing", "4d", "")],
    ],
)
def test_what_stands_behind_an_id(label: str, item: str, title: str) -> None:
    assert title_behind(label, item) == title


def test_parts_of_a_question() -> None:
    assert parts_of("Question 5: Bounds", PS1) == ["5.1", "5.2"]
    assert parts_of("ps1 6.7", PS1, ("ps1",)) == ["6.7a", "6.7b"]
    assert parts_of("Notes", PS1) == []


def test_nearest() -> None:
    assert nearest("jacobain", ["density", "jacobian"]) == "jacobian"
    assert nearest("Why", ["answer", "why"]) == "why"
    assert nearest("zzz", ["answer", "why"]) is None
    assert nearest("a", []) is None


@pytest.mark.parametrize(
    ("label", "field"),
    [
        *[("mu_2", "mu_2"), (r"\mu_2", "mu_2"), (r"$\mu_{2}$", "mu_2"), ("MU_2", "mu_2"), ("T", "T"), ("t", "t")],
        *[
            (r"p\_T", "p_T"),
            ("$p^T$", "p_T"),
            ("p^{T}", "p_T"),
            (r"\mu^2", "mu_2"),
            ("Answer", "p_T"),
            ("answers", None),
            ("Tt", None),
            ("", None),
        ],
    ],
)
def test_fields(label: str, field: str | None) -> None:
    assert match_field(label, ["mu_2", "T", "t", "p_T"], "p_T") == field


def test_case_that_matters_is_not_guessed() -> None:
    assert match_field("Ab", ["AB", "ab"], None) is None
    assert match_field("answer", ["x", "y"], None) is None


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("4dD3.1()[]:—- #qQuestion\\{}$*_\u202e\x00\n")), max_size=40) | st.text())
def test_any_heading_is_read(label: str) -> None:
    for under in ("", "Question 4", label):
        found = midterm(label, under)
        assert found.item is None or found.item in MIDTERM
        assert found.suggestion is None or found.suggestion in MIDTERM
