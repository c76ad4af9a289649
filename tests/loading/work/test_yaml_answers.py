from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.loading.work import yaml_answers

Read = Callable[..., Any]


def test_scalars_lists_and_fields(read: Read) -> None:
    seen = read(
        yaml="1: |\n  a\n  = b\n\n2a: [AR, VAE]\n2b: no\n2c: {answer: false, why: a}\n"
        "2e:\n  p: yes\n  p_T: no\n3.1: 1e-9\n"
    )
    assert seen.texts == {
        "1": {"answer": "a\n= b"},
        "2a": {"answer": "AR, VAE"},
        "2b": {"answer": "no"},
        "2c": {"answer": "false", "why": "a"},
        "2e": {"p": "yes", "p_T": "no"},
        "3.1": {"answer": "1e-9"},
    }
    assert seen.clean
    assert seen.response("2a").parts == ("AR", "VAE")
    assert seen.response("2c", "why").source == "answers.yaml:7"


def test_yml_is_yaml(read: Read) -> None:
    assert read(yml="3.1: 1").texts == {"3.1": {"answer": "1"}}


@pytest.mark.parametrize(
    ("typed", "text", "parts"),
    [
        ("3.2: [x_1 > 0]", "[x_1 > 0]", None),
        ("3.2: [0,  1]", "[0,  1]", None),
        ("3.2: [[1, 0], [0, 1]]", "[[1, 0], [0, 1]]", None),
        ("3.2:\n- x_1\n", "x_1", None),
        ("3.2:\n- [1, 0]\n- [0, 1]\n", "[[1, 0], [0, 1]]", None),
        ("3.4: [x_1, ..., [a, b]]", "x_1, ..., [a, b]", ("x_1", "...", "[a, b]")),
        ("3.4:\n- x_1\n- x_2\n", "x_1, x_2", ("x_1", "x_2")),
    ],
)
def test_lists(read: Read, typed: str, text: str, parts: tuple[str, ...] | None) -> None:
    seen = read(yaml=typed)
    (response,) = (r for fields in seen.work.responses.values() for r in fields.values())
    assert (response.text, response.parts, response.problem) == (text, parts, None)


@pytest.mark.parametrize("typed", ["", "~", "null", "''", "[]", "{}", "{answer: }", "{why: ~}", "[~]"])
def test_nothing_is_no_response(read: Read, typed: str) -> None:
    seen = read(yaml=f"2c: {typed}\n3.1: 1")
    assert seen.texts == {"3.1": {"answer": "1"}}


@pytest.mark.parametrize(("item", "typed"), [("2c", "{0, 1}"), ("3.1", "{0, 1}"), ("2c", "{no: a}"), ("2e", "{x: y}")])
def test_braces_that_name_no_field(read: Read, item: str, typed: str) -> None:
    seen = read(yaml=f"{item}: {typed}")
    assert seen.work.responses[item]
    for response in seen.work.responses[item].values():
        assert "single quotes" in response.problem
        assert typed.strip("{}").split(",")[0].split(":")[0] in response.text


def test_a_mapping_where_text_is_expected(read: Read) -> None:
    seen = read(yaml="2c: {answer: {no: 1}, why: a}")
    assert "expected text, found '{no: 1}'; put the text between single quotes" in seen.problem("2c")
    assert seen.response("2c").text == "{no: 1}"
    assert not seen.problem("2c", "why")


def test_unknown_fields_have_a_nearest(read: Read) -> None:
    seen = read(yaml="2c: {answr: no, why: a}\n2d: {jacobain: x, jacobian: r, zzz: 1}\n")
    assert "'answr' (answers.yaml:1) is no field of 2c; the nearest is answer" in seen.problem("2c")
    assert seen.response("2c").text == "no"
    assert not seen.problem("2d", "jacobian")
    assert "the nearest is jacobian" in seen.remarks("2d")
    assert "'zzz' (answers.yaml:2) is no field of 2d" in seen.remarks("2d")


def test_a_text_with_commas_in_braces_stays_whole(read: Read) -> None:
    seen = read(
        yaml="2c: {answer: no, why: it folds, so z and -z,\n  both, give x}\n2d: {jacobian: r, density}\n2e: {p: , x}\n"
    )
    assert seen.texts["2c"] == {"answer": "no", "why": "it folds, so z and -z, both, give x"}
    assert seen.remarks("2c").count("\n") == 0
    assert "'it folds, so z and -z, both, give x' (answers.yaml:1) was read as one text" in seen.remarks("2c")
    assert seen.texts["2d"] == {"jacobian": "r"}
    assert "'x' (answers.yaml:4) is no field" in seen.remarks("2e")
    assert not seen.problem("2c", "why")


@pytest.mark.parametrize(
    "text", ["14,974,991", "0,0667", "14, 974", "14 ,974", "x_1, x_2, ..., x_T", "f(a, b)", "(0,1/2)"]
)
def test_commas_in_braces_stay_as_typed(read: Read, text: str) -> None:
    for typed, item in [(f"2c: {{answer: {text}, why: a}}", "2c"), (f"2: {{c: {text}, b: no}}", "2c")]:
        seen = read(yaml=typed)
        assert seen.response(item).text == text
        assert not seen.problem(item)
    seen = read(yaml=f"{{3.1: {text}, 2b: no}}")
    assert (seen.response("3.1").text, seen.response("2b").text) == (text, "no")
    assert read(yaml=f"2b: no\n2c: {{why: '', answer: {text}}}").remarks("2c").count("was read as one text") == 1


def test_a_key_with_a_colon_is_no_text_behind_a_comma(read: Read) -> None:
    assert read(yaml="{3.1: 1, 2b: , 2c: no}").texts == {"3.1": {"answer": "1"}, "2c": {"answer": "no"}}
    assert read(yaml="2c: {answer: no, reason : , why: a}").texts == {"2c": {"answer": "no", "why": "a"}}


def test_repeated_commas_are_told_apart(read: Read) -> None:
    assert read(yaml="2c: {answer: 1,2, why: 1, 2}").texts == {"2c": {"answer": "1,2", "why": "1, 2"}}


def test_an_item_and_its_field_in_one_key(read: Read) -> None:
    seen = read(yaml="2c.answer: no\n2c.why: a\n3.2.mu_2: x\n3.2.Why: b\n3.3a.answer: {T\n")
    assert seen.texts["2c"] == {"answer": "no", "why": "a"}
    assert seen.texts["3.2"] == {"mu_2": "x", "why": "b"}
    assert "read '2c.answer' (answers.yaml:1) as answer of item 2c" in seen.remarks("2c")
    assert "answers.yaml:5" in seen.problem("3.3a")


def test_a_field_that_is_none_is_no_item_either(read: Read) -> None:
    seen = read(yaml="2c.foo: no\n3.1: 1\n3.10.answer: 2")
    assert "'2c.foo' (answers.yaml:1) is no item" in seen.remarks()
    assert seen.texts["3.1"] == {"answer": "1"}
    assert "'3.10.answer'" in seen.remarks()


@pytest.mark.parametrize("name", ["quiz", "Quiz", "'Quiz one'", "answers", "alice"])
def test_a_key_around_all_items(read: Read, name: str) -> None:
    seen = read(yaml=f"{name}:\n  2c: {{answer: no}}\n  2:\n    b: yes\n  3.1: 1\n")
    assert seen.texts == {"2c": {"answer": "no"}, "2b": {"answer": "yes"}, "3.1": {"answer": "1"}}
    assert "were read as if they stood outside it" in seen.remarks()


def test_a_key_around_items_in_other_words(read: Read) -> None:
    assert read(yaml="Quiz:\n  2C: no\n").texts == {"2c": {"answer": "no"}}


def test_a_key_around_all_items_where_one_is_broken(read: Read) -> None:
    seen = read(yaml="quiz: # mine\n\n  2c: no\n  2b: {answer: yes\n  3.1: 1\n\n  3.2:\n    mu_2: 'x'\n  3.4: a: b\n")
    assert seen.texts["2c"] == {"answer": "no"}
    assert seen.texts["3.1"] == {"answer": "1"}
    assert seen.texts["3.2"] == {"mu_2": "x"}
    assert seen.response("3.2", "mu_2").source == "answers.yaml:8"
    assert "answers.yaml:4: " in seen.problem("2b")
    assert "answers.yaml:9: " in seen.problem("3.4")
    assert not seen.work.troubles


def test_a_question_around_broken_parts(read: Read) -> None:
    seen = read(yaml="3:\n  1: 5\n  2: {mu_2: [\n2c: no\n")
    assert seen.texts["3.1"] == {"answer": "5"}
    assert seen.problem("3.2", "mu_2")


@pytest.mark.parametrize("typed", ["[2c, no]", "no", "\n  - 2c: no"])
def test_a_key_around_what_is_no_mapping_is_trouble(read: Read, typed: str) -> None:
    ((status, text),) = read(yaml=f"quiz: {typed}\n").troubles
    assert status == "malformed"
    assert "below quiz, expected lines 'item: answer'" in text
    assert not read(yaml="quiz:\n").troubles


def test_a_name_like_no_field_may_mean_any(read: Read) -> None:
    seen = read(yaml="2d: {jacobian: r, zzz: 1}\n")
    assert "'zzz' (answers.yaml:1) is no field of 2d" in seen.problem("2d", "density")
    assert not seen.problem("2d", "jacobian")


def test_fields_in_other_words(read: Read) -> None:
    assert read(yaml="3.2: {'\\mu_2': x, Why: a}\n3.1: {Answer: 1}").texts == {
        "3.2": {"mu_2": "x", "why": "a"},
        "3.1": {"answer": "1"},
    }


def test_repeated_keys(read: Read) -> None:
    seen = read(yaml="3.1: 1\n2c: {answer: no, answer: yes, why: a, why: a}\n3.1: 2\n3.4: x\n3.4: ' x'\n")
    assert seen.problem("3.1") == "answered twice, differently: answers.yaml:1 and answers.yaml:3"
    assert seen.response("3.1").text == "1\n2"
    assert "answered twice" in seen.problem("2c")
    assert not seen.problem("2c", "why")
    assert not seen.problem("3.4")
    assert "counts once" in seen.remarks("3.4")


def test_parts_of_a_question_may_be_nested(read: Read) -> None:
    seen = read(yaml="2:\n  c: {answer: no}\n  e: {p: yes}\n3: {1: 5}\n")
    assert seen.texts == {"2c": {"answer": "no"}, "2e": {"p": "yes"}, "3.1": {"answer": "5"}}


def test_a_comment_that_was_meant_as_text_is_pointed_out(read: Read) -> None:
    assert "'# 3 of them' (answers.yaml:1) is a comment" in read(
        yaml="2c: {answer: no, why: see # 3 of them\n  }"
    ).remarks("2c")


def test_what_is_no_yaml_is_salvaged(read: Read) -> None:
    seen = read(
        yaml="2b: no\n"
        "2c: no: it folds\n"
        "\n"
        "2e:\n  p: yes\n  p_T: *no*\n"
        "3.1: [1/15\n"
        "\n"
        "3.2:\n  mu_2: 'x'\n  why: |\n    one: two\n"
        '3.4: "\\theta"\n'
    )
    assert seen.texts["2b"] == {"answer": "no"}
    assert seen.texts["3.2"] == {"mu_2": "x", "why": "one: two"}
    assert seen.response("3.2", "why").source == "answers.yaml:11"
    assert "answers.yaml:2: " in seen.remarks()
    assert "the rest of the file was read" in seen.remarks()
    for item, field, line in [
        ("2c", "answer", 2),
        ("2c", "why", 2),
        ("2e", "p", 6),
        ("3.1", "answer", 7),
        ("3.4", "answer", 13),
    ]:
        assert f"answers.yaml:{line}: " in seen.problem(item, field)
    assert seen.response("2c").text == "no: it folds"
    assert not seen.work.troubles


def test_parts_that_name_no_item_are_trouble(read: Read) -> None:
    seen = read(yaml="2b: no\ngarbage\n3.1: 1\n")
    assert seen.texts == {"2b": {"answer": "no"}, "3.1": {"answer": "1"}}
    assert seen.troubles == [("malformed", "answers.yaml:2: expected lines of the form 'item: answer'")]


def test_items_within_a_broken_part_are_not_blank(read: Read) -> None:
    seen = read(yaml="2b: no\n 2c: yes\n 3.1: 1\n3.1: 2\n")
    assert "answers.yaml:2" in seen.problem("2b")
    assert "answers.yaml:2" in seen.problem("2c")
    assert seen.response("3.1").text == "2"
    assert not seen.problem("3.1")


def test_a_broken_file_that_is_indented(read: Read) -> None:
    seen = read(yaml="  2b: no\n  2c: a: b\n  3.1: 1\n")
    assert seen.texts["3.1"] == {"answer": "1"}
    assert seen.problem("2c")
    assert not seen.problem("2b")


@pytest.mark.parametrize("text", ["just text", "- 2b: no\n- 3.1: 1", "{2b: no, 3.1: [}", "- 2b: a: b", "[2b: no"])
def test_files_of_another_shape_are_trouble(read: Read, text: str) -> None:
    seen = read(yaml=text)
    assert [status for status, _ in seen.troubles] == ["malformed"]
    assert "answers.yaml:1" in seen.troubles[0][1]


@pytest.mark.parametrize(
    "text", ["3.1: *b\n", "3.1: !!python/name:os.system x\n", "3.1: x\x00y\n", f"3.1: {'[' * 99}\n"]
)
def test_hostile_parts_fail_alone(read: Read, text: str) -> None:
    seen = read(yaml=f"2b: no\n{text}2c: yes\n")
    assert seen.texts["2b"] == {"answer": "no"}
    assert seen.texts["2c"] == {"answer": "yes"}
    assert "answers.yaml:2" in seen.problem("3.1")


def test_endless_parts_come_to_an_end(read: Read) -> None:
    seen = read(yaml="3.1: 1\n" + "x\n" * 100_000)
    assert "too many parts" in seen.troubles[0][1]
    assert seen.texts == {"3.1": {"answer": "1"}}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("2bc3.1: -#[]{},'\"|>&*!%\\\t\n\x00?")), max_size=60) | st.text())
def test_any_text_is_read(text: str) -> None:
    reading = yaml_answers.read(text, "answers.yaml")
    assert isinstance(reading.found, list)
