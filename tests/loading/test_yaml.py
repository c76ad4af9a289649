import contextlib
from pathlib import Path

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import SpecError
from grader.loading import yaml
from grader.loading.yaml import Map, Sequence, read_tree, read_yaml

FILE = Path("f.yaml")


def faults(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        read_yaml(text, FILE)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    "typed", ["no", "on", "True", "1e-9", "3.10", "2023-10-17", "1_000", "0x10", ".inf", "12:30:00"]
)
def test_scalars_are_the_text_that_was_typed(typed: str) -> None:
    assert read_yaml(f"a: {typed}", FILE).data == {"a": typed}
    assert read_yaml(f"{typed}: a", FILE).data == {typed: "a"}


@pytest.mark.parametrize("typed", ["", "~", "null"])
def test_nothing_is_none_unless_quoted(typed: str) -> None:
    assert read_yaml(f"a: {typed}", FILE).data == {"a": None}
    assert read_yaml(f"a: '{typed}'", FILE).data == {"a": typed}


def test_structure_and_lines() -> None:
    document = read_yaml("a: 1\nb:\n  - x\n  - c: 2\n    d: |\n      two\n      lines\n", FILE)
    assert document.data == {"a": "1", "b": ["x", {"c": "2", "d": "two\nlines\n"}]}
    assert document.lines[("b", 1, "d")] == 5
    assert str(document.where(("b", 0))) == "f.yaml:3"


def test_where_skips_what_the_data_does_not_have() -> None:
    document = read_yaml("items:\n- id: 1\n  answer:\n    kind: x\n", FILE)
    assert document.where(("items", 0, "answer", "numeric", "kind", "deeper")).line == 4
    assert document.where(("nowhere",)).line == 1
    assert document.where().line == 1


def test_brackets_are_kept_as_typed() -> None:
    document = read_yaml("é: [x_1 > 0]\nb: [0,  1] # note\nc:\n- d\n", FILE)
    assert document.sources == {("é",): "[x_1 > 0]", ("b",): "[0,  1]"}


def test_all_repeated_keys_are_named_with_both_lines() -> None:
    found = faults("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert found[0].startswith("f.yaml:2: c: given twice")
    assert found[1].startswith("f.yaml:3: a: given twice")
    assert "line 1" in found[1]


def test_what_is_not_plain_data_is_refused_all_at_once() -> None:
    found = faults("a: &x [1]\nb: *x\nc: !!python/object:os.system 2\n<<: {}\n? [1]\n: 2\n'': 3\n")
    for line, word in enumerate(["anchor", "alias", "tag", "merging", "key must be", "", "no key"], start=1):
        assert not word or any(text.startswith(f"f.yaml:{line}:") and word in text for text in found)


def test_one_document() -> None:
    assert "second document" in faults("---\na: 1\n---\nb: 2\n")[0]
    assert read_yaml("%YAML 1.2\n---\na: 1\n...\n", FILE).data == {"a": "1"}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_none(text: str) -> None:
    assert read_yaml(text, FILE).data is None


def test_a_byte_order_mark_is_dropped() -> None:
    document = read_yaml("\ufeffa: [1]", FILE)
    assert document.data == {"a": ["1"]}
    assert document.sources == {("a",): "[1]"}


@pytest.mark.parametrize("text", ["[" * 31, "[" * 100_000, "- " * 100_000, "{a: " * 1000, "[" * 31 + "]" * 31])
def test_depth_is_bounded(text: str) -> None:
    assert "too deeply" in faults(text)[0]


def test_thirty_levels_are_fine() -> None:
    assert isinstance(read_tree("[" * 30 + "]" * 30, FILE), Sequence)


def test_an_alias_bomb_stays_small() -> None:
    lines = ["l0: &l0 [x]"] + [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 20)]
    assert len(faults("\n".join(lines))) == 20 + 19 * 10


@pytest.mark.parametrize(
    ("text", "line", "advice"),
    [
        ("a: 1\nb: why: not", 2, "': ' inside a text"),
        ("a: 'it's'", 1, "after a closing quote"),
        ("a: 1\nb: 'x\nc: 1\n", 2, "quote is opened here and not closed"),
        ("a: [0, 1)\nb: 1", 1, "bracket or brace that is not closed"),
        ("a: {0, 1\n", 1, "bracket or brace that is not closed"),
        ("a: *x*", 1, "begin with '*'"),
        ("a: &", 1, "begin with '&'"),
        ("a: !x y", 1, "'!' begins a tag"),
        ("a: |x|", 1, "next line"),
        ("a: >0", 1, "next line"),
        ("a: %x", 1, "cannot begin with"),
        ("a: @x", 1, "cannot begin with"),
        ("%x\na: 1", None, "single quotes|same column"),
        ("a:\n\t- x", 2, "tab"),
        ("a: x\nfoo\nb: 1", 2, "name: value"),
        ("a: - b", 1, "line of its own"),
        ("- a\nb: 1", 2, "mixed|neighbours"),
        ("  a: 1\nb: 2", 2, "same column"),
        ("a: ]", 1, "not opened"),
        ("a: ? b", 1, "begin with"),
        ('a: "\\mu"', 1, "in double quotes a backslash"),
        ('a: 1\nb: "\\theta"', 2, r"in double quotes \t"),
        ('a: "\\nu"', 1, r"in double quotes \nu"),
        ("a: 1\nb: x\x00y", 2, "U+0000"),
    ],
)
@pytest.mark.parametrize("loader", [yaml.Loader, pyyaml.SafeLoader])
def test_syntax_errors_say_where_and_what_to_do(
    text: str, line: int | None, advice: str, loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml, "Loader", loader)
    (found,) = faults(text)
    assert line is None or found.startswith(f"f.yaml:{line}: ")
    assert any(words in found for words in advice.split("|"))


def test_escapes_that_mean_what_they_say_are_fine() -> None:
    assert read_yaml(r'a: "one\ntwo \\theta \" é"', FILE).data == {"a": 'one\ntwo \\theta " é'}


def test_tree_keeps_repeated_keys_comments_and_line_numbers() -> None:
    tree = read_tree("a: x # y\na: z\n", FILE, first_line=10)
    assert isinstance(tree, Map)
    assert [(key.text, key.line) for key, _ in tree.pairs] == [("a", 10), ("a", 11)]
    assert [getattr(value, "comment", None) for _, value in tree.pairs] == ["# y", ""]


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet=st.sampled_from(list("ab01:-#[]{},'\"|>&*!%@`?~\\ \t\n\x00\ufeff\u2028é")), max_size=40)
    | st.text()
)
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(SpecError):
        assert read_yaml(text, FILE).where(("a", 0)).line >= 1


@pytest.mark.parametrize("loader", [yaml.Loader, pyyaml.SafeLoader])
@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("{Z: uniform(-2, 3), X: Z^3}", {"Z": "uniform(-2, 3)", "X": "Z^3"}),
        ("{Z: uniform(-2,3),X: Z^3}", {"Z": "uniform(-2, 3)", "X": "Z^3"}),
        ("{Z: uniform(-2,\n   3), X: Z^3}", {"Z": "uniform(-2, 3)", "X": "Z^3"}),
        ("{c: categorical(1/2, 1/3, 1/6)}", {"c": "categorical(1/2, 1/3, 1/6)"}),
        ("{a: uniform(0, 1), b: uniform(0, 1)}", {"a": "uniform(0, 1)", "b": "uniform(0, 1)"}),
        ("{a: f(g(1, 2), (3, 4)), b: 5}", {"a": "f(g(1, 2), (3, 4))", "b": "5"}),
        ("{a: max(1, 2) + max(3, 4), b: 5}", {"a": "max(1, 2) + max(3, 4)", "b": "5"}),
        ("{Z: {draws: k, from: uniform(0, 1)}, A: Z_1}", {"Z": {"draws": "k", "from": "uniform(0, 1)"}, "A": "Z_1"}),
        ("{a: [f(1, 2), 3], b: {c: g(4, 5)}}", {"a": ["f(1, 2)", "3"], "b": {"c": "g(4, 5)"}}),
        ("[f(1, 2), 3, g(4, 5, 6)]", ["f(1, 2)", "3", "g(4, 5, 6)"]),
        ("[(0, 1), (2, 3)]", ["(0, 1)", "(2, 3)"]),
        ("[{a: f(1, 2)}, (3, 4)]", [{"a": "f(1, 2)"}, "(3, 4)"]),
        ("['f(1', 2)]", ["f(1", "2)"]),
        ("[f(1, '2)']", ["f(1", "2)"]),
        ("{a: 'f(1', 2): x}", {"a": "f(1", "2)": "x"}),
        ("{a: 'f(1, 2', b: 3}", {"a": "f(1, 2", "b": "3"}),
        ("{a: f(1, b: 2}", {"a": "f(1", "b": "2"}),
        ("{a: f(1, b, c: 2}", {"a": "f(1", "b": None, "c": "2"}),
        ("[f(1, 2]", ["f(1", "2"]),
        ("[f(1, 2), g(3, 4]", ["f(1", "2)", "g(3", "4"]),
        ("{a, b: 1, c}", {"a": None, "b": "1", "c": None}),
        ("{a: 1), b: 2}", {"a": "1)", "b": "2"}),
        ("{a: ), b}", {"a": ")", "b": None}),
        ("[a, b]", ["a", "b"]),
    ],
)
def test_a_comma_within_round_brackets_ends_nothing(
    text: str, data: object, loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml, "Loader", loader)
    assert read_yaml(text, FILE).data == data


def test_joined_values_keep_lines_and_brackets() -> None:
    document = read_yaml("s: {Z: f(1,\n  2),\n  X: [g(3, 4),\n  5]}\n", FILE)
    assert document.data == {"s": {"Z": "f(1, 2)", "X": ["g(3, 4)", "5"]}}
    assert [document.lines[("s", *rest)] for rest in (("Z",), ("X",), ("X", 0), ("X", 1))] == [1, 3, 3, 4]
    assert document.sources == {("s", "X"): "[g(3, 4),\n  5]"}


def test_block_style_joins_nothing() -> None:
    assert read_yaml("a: f(1\nb:\nc: 3", FILE).data == {"a": "f(1", "b": None, "c": "3"}
    assert read_yaml("- f(1\n- 2)\n", FILE).data == ["f(1", "2)"]


def test_repeated_keys_are_still_found_between_joined_values() -> None:
    (found,) = faults("{Z: f(1, 2),\n Z: f(1, 2)}")
    assert found.startswith("f.yaml:2: Z: given twice")


def test_the_tree_keeps_what_was_typed() -> None:
    tree = read_tree("{Z: f(1, 2)}", FILE)
    assert isinstance(tree, Map)
    assert [key.text for key, _ in tree.pairs] == ["Z", "2)"]


_words = (
    st.text(alphabet="abXYZ019^*+-_/ ", min_size=1, max_size=6)
    .map(str.strip)
    .filter(lambda text: text and text[0] not in "-*+" and text not in ("~", "null"))
)
_calls = st.recursive(
    _words,
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"f({', '.join(parts)})"),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(alphabet="abcXYZ", min_size=1, max_size=3), _calls, min_size=1, max_size=4))
def test_braces_and_lines_say_the_same(described: dict[str, str]) -> None:
    block = "".join(f"{name}: {text}\n" for name, text in described.items())
    flow = "{" + ", ".join(f"{name}: {text}" for name, text in described.items()) + "}"
    assert read_yaml(flow, FILE).data == read_yaml(block, FILE).data == described
    texts = list(described.values())
    assert read_yaml(f"[{', '.join(texts)}]", FILE).data == texts
