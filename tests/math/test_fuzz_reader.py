"""The readers on 100,000 texts that nobody would write: they raise their own error or nothing, and go on linearly.

How long reading takes is measured in ``benchmarks/``; here the steps are counted.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from grader.errors import Unreadable
from grader.keys import ItemKey
from grader.math.cursor import Cursor
from grader.math.equality import compare
from grader.math.lexer import tokenize
from grader.math.reader import read_expression
from grader.math.regions import read_region
from grader.math.sequences import read_series
from grader.spec import Symbol
from tests.course import real_course

SYMBOLS = {
    "x": Symbol(),
    "y": Symbol(),
    "r": Symbol(domain="positive"),
    "theta": Symbol(latex=r"\theta"),
    "n": Symbol(domain="positive integer"),
    "m": Symbol(domain="positive integer", below="n"),
    "D": Symbol(domain="(0, 1)", aliases=(r"D_\phi(G_\theta(z))", r"|\theta|")),
    "A": Symbol(shape=("n", "n")),
    "u": Symbol(shape=("n",)),
    "mu": Symbol(shape=("n",), family=True),
    "k": Symbol(domain="positive integer", family=True),
    "pi": Symbol(domain="(0, 1)", family=True),
    "f": Symbol(arity=1),
    "p_XY": Symbol(arity=2, latex="p_{X,Y}"),
    "x_1": Symbol(),
}
REGION = {"T": Symbol(domain="positive"), "D": Symbol(domain="(0, 1)", aliases=(r"D_\phi(G_\theta(z))",))}

SIGNS = [*r"+-*/^_()[]{}|!%,;:=<>.'\&~$#@?", '"', "\n", "\t", " ", *"** <= >= != == .. ... && || ->".split()]
WORDS = (
    "x y r n m D A u k f e pi mu x_1 x1 k_i k_1 mu_y A_ xy rcos sum prod integral diff cases if else otherwise and or "
    "in for when where U I T dx dt d log log2 ln sin cos sqrt abs norm det tr inv transpose dot diag identity max min "
    "exp sign floor binom factorial i=1..n t=0..1 i j 1 2 0 0.5 1e9 1/2 14,974,991 9^9 infinity then"
).split()
COMMANDS = [
    "\\" + name
    for name in (
        "frac sqrt left right sum prod int log sin theta mu pi partial infty cdot times le ge ne in cup cap mid top "
        "mathbf mathbb mathrm text operatorname binom dfrac lvert rvert | { } , ; ! langle rangle lceil rfloor ldots "
        "cdots dots quad prime % \\ begin end to exp det tr vert boldsymbol displaystyle bigl bigr d dt oint nabla"
    ).split()
]
PHRASES = [
    r"\frac{d}{dx}",
    r"\frac{\partial^2}{\partial x \partial y}",
    r"\frac{1}{2}",
    r"\int_0^1 ",
    r"\int^1_0 ",
    r" \, dx",
    r"\begin{pmatrix} 1 & 2 \\ 3 & x \end{pmatrix}",
    r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\begin{pmatrix}",
    r"\end{pmatrix}",
    r"\begin{cases}",
    r"\end{cases}",
    r"\sum_{i=1}^{n}",
    r"\prod_{j=i-m}^{i-1}",
    r"\left|",
    r"\right|",
    r"\left(",
    r"\right)",
    r"\mathbb{1}_{x > 0}",
    "1_{",
    "[x > 0]",
    "[[1, 2], [3, 4]]",
    "u^\\top u",
    "k_1 k_2 \\cdots k_n",
    "f'(x)",
    "f^{(2)}(x)",
    "p_XY^{(1,0)}(x, y)",
    "(1, 2, 3)",
    "I_n",
    "{x : x < 1}",
    "(0, 1)",
    "[0, \\infty)",
    "z_1, x_1, …, z_T, x_T",
    "x_{t+1}",
    "cases(1, x > 0, 2)",
    "D_\\phi(G_\\theta(z))",
]
ODD = [*"θμπσ−·×²³½⅓√∞∑∏∫∂≤≥≠∪∩∈…⋯′∧∨→‖⟨⟩⊤𝟙₁ᵢ⁻¹й漢\u202e\u200b\x00\ufeff٣１é", "\u0301", "𝐱", "ﬁ"]
FRAGMENTS = SIGNS * 3 + WORDS * 2 + COMMANDS + PHRASES * 2 + ODD


def written() -> list[str]:
    """Everything that the course's keys, mistakes and marking tests have students write, and the keys themselves."""
    found: set[str] = set()
    for keys in real_course().keys.values():
        for key in keys.values():
            if not isinstance(key, ItemKey):
                continue
            found |= {field.value for field in key.fields.values() if hasattr(field, "value")}
            given = [value for test in key.tests for value in test.responses.values()]
            given += [mistake.when for mistake in key.mistakes]
            given += [rel.relation for prop in key.properties for rel in (*prop.always, *prop.sometimes, *prop.review)]
            found |= {value if isinstance(value, str) else ", ".join(value) for value in given}
    return sorted(text for text in found if len(text) < 200)


WRITTEN = written()


def heaps(seed: str) -> Iterator[str]:
    """Fragments side by side, now and then with a blank between them."""
    rng = random.Random(seed)
    while True:
        yield rng.choice(("", "", " ")).join(rng.choices(FRAGMENTS, k=rng.randint(1, 8)))


def mutated(seed: str) -> Iterator[str]:
    """What somebody wrote, with characters and pieces taken out, put in, doubled and swapped."""
    rng = random.Random(seed)
    while True:
        text = rng.choice(WRITTEN)
        for _ in range(rng.randint(1, 3)):
            at, size = rng.randint(0, len(text)), rng.randint(0, 4)
            piece = {0: "", 1: rng.choice(FRAGMENTS), 2: text[at : at + size] * 2, 3: rng.choice(WRITTEN)[:12]}
            text = text[:at] + piece[rng.choice((0, 1, 1, 2, 3))] + text[at + size :]
        yield text


def noise(seed: str) -> Iterator[str]:
    """Characters from everywhere."""
    rng = random.Random(seed)
    ranges = [
        (32, 126),
        (32, 126),
        (0, 31),
        (160, 255),
        (0x370, 0x3FF),
        (0x2070, 0x209F),
        (0x2200, 0x22FF),
        (1, 0x10FFFF),
    ]
    while True:
        low, high = rng.choice(ranges)
        yield "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(0, 12)))


def reads_or_refuses(read: Callable[[str], object], text: str) -> bool:
    """Whether ``text`` is read. Any other error than the readers' own passes through."""
    failure = None
    try:
        read(text)
    except Unreadable as error:
        failure = error
    if failure is None:
        return True
    assert failure.position is None or 0 <= failure.position <= len(text), text
    assert str(failure), text
    return False


def formula(text: str) -> object:
    return read_expression(text, SYMBOLS)


def region(text: str) -> object:
    return read_region(text, "T", REGION)


def series(text: str) -> object:
    return read_series(text, ("z", "x"), "T")


#: how many texts of which origin each reader gets: 100,000 in all
SHARES = [
    (formula, heaps, 24_000),
    (formula, mutated, 13_000),
    (formula, noise, 25_000),
    (region, heaps, 12_000),
    (region, mutated, 9_000),
    (region, noise, 3_000),
    (series, heaps, 7_000),
    (series, mutated, 5_000),
    (series, noise, 2_000),
]


def test_the_texts_are_a_hundred_thousand() -> None:
    assert sum(count for _, _, count in SHARES) == 100_000
    assert len(WRITTEN) > 300


@pytest.mark.parametrize(("read", "texts", "count"), SHARES, ids=lambda part: getattr(part, "__name__", str(part)))
def test_readers_raise_their_own_error_or_none(
    read: Callable[[str], object], texts: Callable[[str], Iterator[str]], count: int
) -> None:
    accepted = 0
    for text in islice(texts(f"{read.__name__}/{texts.__name__}"), count):
        try:
            accepted += reads_or_refuses(read, text)
        except AssertionError:
            raise
        except BaseException as error:  # tells the text, which a bare traceback would not
            raise AssertionError(f"{read.__name__}({text!r}) raised {error!r}") from error
    assert accepted < count
    if texts is not noise:
        assert accepted  # some are read: the texts are near enough to formulas


@pytest.mark.parametrize("text", ["z_{0T-1}", "x_{0T-1}, z_1", "z_{0*T+1}, x_1", "z_1, …, z_{0T+2}", "z_{T0 - 1}"])
def test_a_size_times_zero_in_a_sequence(text: str) -> None:
    reads_or_refuses(series, text)  # found by a longer run than this one


@pytest.mark.parametrize("text", ["kf", "kk", "2kk", "muf", "kmu", "kpi", "kp_XY", "k_1 \\cdots kk", "sum(kk, k=1..3)"])
def test_a_family_glued_to_a_name_that_is_no_index(text: str) -> None:
    """Such an element has no value anywhere, and nothing that evaluates it knows what to do."""
    if reads_or_refuses(formula, text):
        compare(read_expression(text, SYMBOLS), read_expression("x", SYMBOLS), SYMBOLS, "seed")


@pytest.mark.parametrize(
    "text",
    [
        "9" * 401,
        "1e401",
        "1e-401",
        "1e99999",
        "0." + "1" * 400,
        "x^{" + "9" * 500 + "}",
        "1e999999999",
        "x" * 2001,
        "+" * 801,
    ],
)
@pytest.mark.parametrize("read", [formula, region])
def test_what_is_too_long_is_refused_with_its_place(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert caught.value.position is not None


@pytest.mark.parametrize("texts", [heaps, mutated])
def test_what_is_read_can_be_compared(texts: Callable[[str], Iterator[str]]) -> None:
    """A tree that the reader lets through has a verdict, of whatever kind."""
    for text in islice(texts("compare"), 700):
        if reads_or_refuses(formula, text):
            tree = read_expression(text, SYMBOLS)
            found = compare(tree, read_expression("x", SYMBOLS), SYMBOLS, "seed", budget=2000)
            assert found.kind in ("equal", "unequal", "undecided")


@pytest.mark.parametrize("texts", [heaps, mutated, noise])
def test_tokens_cover_the_text_in_order(texts: Callable[[str], Iterator[str]]) -> None:
    for text in islice(texts("tokens"), 1500):
        try:
            tokens = tokenize(text)
        except Unreadable:
            continue
        assert tokens[-1].kind == "end"
        starts = [token.start for token in tokens]
        assert starts == sorted(starts), text
        assert all(0 <= token.start <= token.end <= len(text) for token in tokens), text


# --- steps, as a measure of time that no other load on the machine disturbs ---


class Steps:
    """Looks at a token, and tokens passed over in the search for a closing bracket."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        sees, closing = Cursor.sees, Cursor.closing

        def counted_sees(cursor: Cursor, *signs: str) -> bool:
            self.count += 1
            return sees(cursor, *signs)

        def counted_closing(cursor: Cursor, opening: int) -> int:
            found = closing(cursor, opening)
            self.count += max(0, found - opening)
            return found

        monkeypatch.setattr(Cursor, "sees", counted_sees)
        monkeypatch.setattr(Cursor, "closing", counted_closing)

    def of(self, read: Callable[[str], object], text: str) -> int:
        self.count = 0
        reads_or_refuses(read, text)
        return self.count


LINEAR = [
    (formula, "x + {}x"),
    (formula, "x*{}x"),
    (formula, "x {}y"),
    (formula, "-{}x"),
    (formula, "sin {}x"),
    (formula, "f(x) + {}x"),
    (formula, "|x| + {}x"),
    (formula, "k_1 + {}x"),
    (formula, r"\frac12 + {}x"),
    (formula, r"\frac{{d}}{{dx}} {}x"),
    (formula, r"\int_0^1 x dx + {}x"),
    (formula, "sum(k_i, i=1..n) + {}x"),
    (formula, "[x > 0] + {}x"),
    (formula, "(1, 2)^T (1, 2) + {}x"),
    (formula, "x if x < 1 else {}x"),
    (formula, "x^{}2"),
    (region, "T < 1 and {}T < 1"),
    (region, "T < 1 or {}T < 1"),
    (region, "(0, 1) cup {}(0, 1)"),
    (region, "T < {}1"),
    (series, "z_1, {}z_T"),
    (series, "z_1, x_1, {}z_T"),
]


@pytest.mark.parametrize(("read", "pattern"), LINEAR, ids=lambda part: getattr(part, "__name__", str(part)))
def test_twice_the_text_takes_twice_the_steps(
    read: Callable[[str], object], pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(monkeypatch)
    before, after = pattern.replace("{{", "\0").replace("}}", "\1").split("{}")
    costs = []
    for times in (10, 20, 40):
        text = (before * times + after).replace("\0", "{").replace("\1", "}")
        costs.append(steps.of(read, text))
    assert costs[0] > 5
    assert costs[1] < 2.3 * costs[0]
    assert costs[2] < 2.3 * costs[1]


NESTED = [
    (formula, "(", "x", ")"),
    (formula, "[", "x", "]"),
    (formula, "|", "x", "|"),
    (formula, "f(", "x", ")"),
    (formula, r"\frac{", "x", "}{2}"),
    (formula, r"\left(", "x", r"\right)"),
    (formula, "sum(", "x", ", i=1..n)"),
    (formula, "x^{", "x", "}"),
    (formula, r"\int_0^1 (", "x", ") dx"),
    (formula, "cases(1, x > 0, ", "x", ")"),
    (formula, r"\begin{cases} 1 & x > 0 \\ ", "x", r" & x < 0 \end{cases}"),
    (region, "(", "T < 1", ")"),
    (region, "[", "T < 1", "]"),
    (region, "{", "T < 1", "}"),
    (region, "(T < 1 or ", "T < 2", ")"),
    (region, "(", "0, 1", ")"),
    (series, "(", "z_1, z_T", ")"),
]


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize(
    ("read", "opening", "inner", "closing"), NESTED, ids=lambda part: getattr(part, "__name__", str(part))
)
def test_nesting_never_explodes(
    read: Callable[[str], object], opening: str, inner: str, closing: str, closed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readings that are tried in turn are tried again at each depth at worst: a square, not a power."""
    steps = Steps(monkeypatch)
    for depth in (5, 30, 55):
        text = opening * depth + inner + closing * depth * closed
        assert steps.of(read, text) < 200 + 20 * min(depth, 60) ** 2 + 40 * len(text), depth
