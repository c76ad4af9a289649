"""``construct``: every construct of the course, judged by what the objects do; partners, faults, containment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.checkers import judge_constructs
from grader.errors import SpecError
from grader.grading import grade_work
from grader.keys import ItemKey, Property
from grader.loading.specs.course import Course, load_course
from grader.marking import course_faults
from grader.result import FieldResult, Outcome
from grader.spec import Item
from grader.submission import Response, Work
from tests.checkers.common import said
from tests.course import real_course


def judged(where: str, **texts: str | tuple[str, ...]) -> dict[str, Outcome]:
    """Outcomes by field of what was written for some constructs of an item; a tuple is a list in YAML."""
    assignment, _, name = where.partition("/")
    course = real_course()
    (item,) = [item for item in course.assignments[assignment].items if item.id == name]
    key = course.keys[assignment][name]
    assert isinstance(key, ItemKey)
    return judge_constructs(item, key, responses(texts))


def responses(texts: Mapping[str, str | tuple[str, ...]]) -> dict[str, Response]:
    return {
        name: Response(text=text) if isinstance(text, str) else Response(text=", ".join(text), parts=text)
        for name, text in texts.items()
        if text
    }


def statuses(found: Mapping[str, Outcome]) -> dict[str, str]:
    return {name: outcome.status for name, outcome in found.items()}


# --- midterm 3d: the identity ---

IDENTITIES = [
    "I",
    "I_D",
    "I_{D}",
    r"I_{D \times D}",
    "$I$",
    "$I_D$",
    r"\(I_D\)",
    "A = I",
    "$A = I_D$",
    "identity",
    "Identity",
    "Id",
    "identity matrix",
    "the identity",
    "the identity matrix",
    "identity(D)",
    "eye(D)",
    r"\mathbf{I}",
    r"\mathbf{I}_D",
    r"\mathbb{I}_D",
    r"\text{identity}",
    "I.",
    "1 I",
    "I I",
    "I^T",
    "I^{-1}",
    "2 I - I",
    "I/2 + I/2",
    "det(I) I",
    r"\frac{\operatorname{tr}(I)}{D} I",
    "(-1)^2 I",
]


@pytest.mark.parametrize("text", IDENTITIES)
def test_the_identity_in_many_styles(text: str) -> None:
    outcome = judged("midterm/3d", A=text)["A"]
    assert (outcome.status, outcome.score, outcome.pending) == ("correct", 2, 0)
    assert outcome.read_as


@pytest.mark.parametrize(
    "text", ["2 I", "2I", "I/2", "-I", "D I", "I/D", "(-1)^D I", "I + 10^{-30} I", "A = 3 I", "I + I"]
)
def test_another_invertible_matrix_is_for_a_human(text: str) -> None:
    outcome = judged("midterm/3d", A=text)["A"]
    assert (outcome.status, outcome.score, outcome.pending) == ("review", 0, 2)


@pytest.mark.parametrize("text", ["0 I", "I - I", "0 I_D", "D I - D I", "sin(0) I"])
def test_a_matrix_that_loses_the_input(text: str) -> None:
    outcome = judged("midterm/3d", A=text)["A"]
    assert (outcome.status, outcome.score, outcome.pending) == ("incorrect", 0, 0)
    assert "no longer sees" in said(outcome)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1", "This is a number; expected is a D x D matrix"),
        ("0", "This is a number"),
        ("D", "This is a number"),
        ("(1, 0)", "This is a vector with 2 entries; expected is a D x D matrix"),
        ("[[1, 0], [0, 1]]", "This is a 2 x 2 matrix; expected is a D x D matrix"),
        ("I_2", "This is a 2 x 2 matrix"),
        ("tr(I)", "This is a number"),
        (r"\mathbf{1}", "This is a number"),
        ("I_D/0", "This has no value"),
        ("(0 I)^{-1}", "This has no value"),
    ],
)
def test_what_is_no_such_matrix(text: str, words: str) -> None:
    outcome = judged("midterm/3d", A=text)["A"]
    assert (outcome.status, outcome.score, outcome.pending) == ("incorrect", 0, 0)
    assert words in said(outcome)


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "B",
        "x",
        "E",
        "any invertible matrix",
        "I or 2I",
        "I = A = 1",
        "I_{D+1}",
        "I_n",
        "I +",
        "I)",
        "np.eye(D)",
        "I_D, the identity",
        "~~I~~",
        r"\cancel{I}",
        "I + 1",
        "I^{1/2}",
        "1/I",
    ],
)
def test_a_matrix_that_cannot_be_read(text: str) -> None:
    outcome = judged("midterm/3d", A=text)["A"]
    assert (outcome.status, outcome.score, outcome.pending) == ("malformed", 0, 2)


@pytest.mark.parametrize("text", ["[D > 3] I", "cases(I, D < 4, 2 I)", "I + [D > 10^6] I", "I + 0^D I", "[D > 0] I"])
def test_a_matrix_that_is_the_identity_for_some_sizes_only(text: str) -> None:
    assert judged("midterm/3d", A=text)["A"].status != "correct"


# --- ps1/2: weights and biases ---

W, B = "mu_y/sigma^2", "log(pi_y) - norm(mu_y)^2/(2 sigma^2)"
RIGHT_PAIRS = [
    (W, B),
    (r"\frac{\mu_y}{\sigma^2}", r"\log\pi_y - \frac{\|\mu_y\|^2}{2\sigma^2}"),
    (r"w_y = \frac{1}{\sigma^2} \mu_y", r"b_y = \ln \pi_y - \frac{\mu_y^\top \mu_y}{2 \sigma^2}"),
    (r"\sigma^{-2}\mu_y", r"\ln \pi_y - \frac12 \sigma^{-2} \langle \mu_y, \mu_y \rangle"),
    ("μ_y/σ²", "log π_y - ‖μ_y‖²/(2σ²)"),
    (r"$\mu_y / \sigma^2$", r"$\log(\pi_y) - \frac{1}{2\sigma^2} \mu_y^T \mu_y$"),
    (W, "log(pi_y) - dot(mu_y, mu_y)/(2 sigma^2)"),
    (W, r"\log \pi_y - \frac{1}{2} \left\| \frac{\mu_y}{\sigma} \right\|^2"),
    (r"(\sigma^2 I)^{-1} \mu_y", r"\log \pi_y - \frac12 \mu_y^\top (\sigma^2 I)^{-1} \mu_y"),
    ("(mu_y^T)^T/sigma^2", B),
    (r"\mu_y^\top/\sigma^2", B),
    # up to what is the same for every class
    ("(mu_y - mu_1)/sigma^2", B),
    ("(mu_y - mu_k)/sigma^2", B),
    ("(mu_y + mu_3)/sigma^2", B),
    ("mu_y/sigma^2 - sum(mu_i, i=1..k)/(k sigma^2)", B),
    ("(mu_y - sum(pi_i mu_i, i=1..k))/sigma^2", B),
    (W, r"\log\frac{\pi_y}{\pi_1} - \frac{\|\mu_y\|^2}{2\sigma^2}"),
    (W, B + r" - \frac{n}{2} \log(2 \pi \sigma^2)"),
    (W, B + " + n k exp(sigma)"),
    (W, B + " + norm(mu_1)^2 + dot(mu_i, mu_j)"),
    (W, B + " - log(sum(pi_i exp(-norm(mu_i)^2/(2 sigma^2)), i=1..k))"),
    ("(mu_y - mu_1)/sigma^2", "log(pi_y/pi_1) - (norm(mu_y)^2 - norm(mu_1)^2)/(2 sigma^2)"),
    # the square completed, for another spelling of the same
    (W, "log(pi_y) - norm(mu_y - mu_1)^2/(2 sigma^2) - dot(mu_y, mu_1)/sigma^2"),
]


@pytest.mark.parametrize(("w", "b"), RIGHT_PAIRS)
def test_weights_and_biases_with_the_same_posterior(w: str, b: str) -> None:
    found = judged("ps1/2", w=w, b=b)
    assert {name: (o.status, o.score, o.pending) for name, o in found.items()} == {
        "w": ("correct", 3, 0),
        "b": ("correct", 3, 0),
    }


WRONG_W = [
    ("mu_y", "The variance is missing"),
    ("mu_y/(2 sigma^2)", "twice"),
    ("-mu_y/sigma^2", "Check the sign"),
    ("mu_y/sigma", r"$\sigma^2$ in its denominator"),
    ("2 mu_y/sigma^2", None),
    ("mu_1/sigma^2", None),
    ("mu_{y+1}/sigma^2", None),
    ("0 mu_y", None),
    ("pi_y mu_y/sigma^2", None),
    ("mu_y/sigma^2 + y mu_1", None),
    ("mu_y/norm(mu_y)", None),
    ("diag(mu_y) mu_y/sigma^2", None),
    ("x", "must not depend on x"),
    ("mu_y/sigma^2 + x", "must not depend on x"),
    ("1/sigma^2", "This is a number; expected is a vector with n entries"),
    ("0", "This is a number"),
    ("mu_y mu_y^T", "n x n matrix"),
    ("(1, 2)", "vector with 2 entries"),
    ("mu_y/0", "no value"),
    ("mu_y/(sigma - sigma)", "no value"),
]
WRONG_B = [
    ("log(pi_y)", "depends on $y$ alone"),
    ("-norm(mu_y)^2/(2 sigma^2)", "prior"),
    ("log(pi_y) + norm(mu_y)^2/(2 sigma^2)", "Check the sign"),
    ("pi_y - norm(mu_y)^2/(2 sigma^2)", "stands in an exponent"),
    ("-log(pi_y) - norm(mu_y)^2/(2 sigma^2)", None),
    ("log(pi_y) - norm(mu_y)^2/sigma^2", None),
    ("log(pi_y) - norm(mu_y)^2/(2 sigma)", None),
    ("log(pi_y) - norm(mu_y)/(2 sigma^2)", None),
    (r"\log_2 \pi_y - \frac{\|\mu_y\|^2}{2\sigma^2}", None),
    ("log(pi_1) - norm(mu_y)^2/(2 sigma^2)", None),
    ("log(pi_y) - norm(mu_1)^2/(2 sigma^2)", None),
    (B + " - y", None),
    (B + " + [y > 7]", None),
    (B + " + [k > 1000] y", None),
    (B + " + [y = 3]", None),
    ("exp(" + B + ")", None),
    ("0", None),
    (B + " - norm(x)^2/(2 sigma^2)", "must not depend on x"),
    ("mu_y/sigma^2", "This is a vector with n entries; expected is a number"),
    ("log(pi_y - 1)", "no value"),
    ("log(-pi_y)", "no value"),
]


@pytest.mark.parametrize(("w", "words"), WRONG_W)
def test_wrong_weights_cost_themselves_alone(w: str, words: str | None) -> None:
    found = judged("ps1/2", w=w, b=B)
    assert statuses(found) == {"w": "incorrect", "b": "correct"}
    assert [found[name].score for name in "wb"] == [0, 3]
    assert said(found["w"])
    assert words is None or words in said(found["w"])


@pytest.mark.parametrize(("b", "words"), WRONG_B)
def test_wrong_biases_cost_themselves_alone(b: str, words: str | None) -> None:
    found = judged("ps1/2", w=W, b=b)
    assert statuses(found) == {"w": "correct", "b": "incorrect"}
    assert [found[name].score for name in "wb"] == [3, 0]
    assert said(found["b"])
    assert words is None or words in said(found["b"])


@pytest.mark.parametrize(("w", "b"), [("mu_y", "log(pi_y)"), ("2 mu_y/sigma^2", "0"), (B, W), ("mu_1", "pi_1")])
def test_two_wrong_ones_earn_nothing(w: str, b: str) -> None:
    assert statuses(judged("ps1/2", w=w, b=b)) == {"w": "incorrect", "b": "incorrect"}


@pytest.mark.parametrize(
    ("name", "text", "status"), [("w", W, "correct"), ("b", B, "correct"), ("w", "mu_y", "incorrect")]
)
def test_one_without_the_other_is_judged_with_the_keys(name: str, text: str, status: str) -> None:
    found = judged("ps1/2", **{name: text})
    assert statuses(found) == {name: status}


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("mu_y +", 6),
        ("mu_y/sigma^2)", 12),
        ("mu", 0),
        ("u", 0),
        (r"\Sigma^{-1} \mu_y", 0),
        ("mu_y + 1", 0),
        ("mu_y mu_y", 0),
        ("mu_y/mu_1", 4),
        ("~~mu_y~~", None),
        ("w_y = mu_y, b_y = 3", None),
    ],
)
def test_unreadable_weights_leave_the_biases_alone(text: str, position: int | None) -> None:
    found = judged("ps1/2", w=text, b=B)
    assert statuses(found) == {"w": "malformed", "b": "correct"}
    assert (found["w"].score, found["w"].pending) == (0, 3)
    assert position is None or found["w"].evidence["position"] == position


@pytest.mark.parametrize(
    ("w", "b"), [("w_i = mu_i/sigma^2", "b_i = log(pi_i) - norm(mu_i)^2/(2 sigma^2)"), ("w_j = mu_j/sigma^2", B)]
)
def test_weights_of_another_index_that_is_named_are_not_wrong(w: str, b: str) -> None:
    """``w_i = mu_i / sigma^2`` says the same of every class."""
    assert judged("ps1/2", w=w, b=b)["w"].status != "incorrect"


@pytest.mark.parametrize("i", ["i", "j", "1", "k"])
def test_an_index_that_is_not_named_may_be_a_fixed_class(i: str) -> None:
    outcome = judged("ps1/2", w=f"mu_{i}/sigma^2", b=B)["w"]
    assert outcome.status in ("incorrect", "review" if i in "ij" else "incorrect")


@pytest.mark.parametrize(
    "b", [B + " + 0^{pi_y}", B + " + exp(-1000) y", B + " + 10^{-60} y", B + " + [y > 10^9 k + n]"]
)
def test_what_hides_in_biases_is_for_a_human(b: str) -> None:
    found = judged("ps1/2", w=W, b=b)
    assert found["b"].status in ("review", "incorrect")
    assert found["w"].status in ("review", "correct")


@pytest.mark.parametrize(
    "text",
    [
        "mu_y/sigma^2^9^9^9",
        "sum(mu_i, i=1..10^9)",
        "(((3!)!)!)! mu_y",
        "(" * 3000,
        "(" * 500 + "mu_y" + ")" * 500,
        "__import__('os')",
        "mu_y" + "+mu_y" * 300,
        "I_{10^9} mu_y",
        "\u202emu_y",
        "mu_y\x00",
        "diff(" * 3 + "sigma^sigma" + ", sigma)" * 3 + " mu_y",
    ],
)
def test_hostile_weights_are_never_an_error_and_never_earn(text: str) -> None:
    found = judged("ps1/2", w=text, b=B)
    assert found["w"].status in ("malformed", "review", "incorrect")
    assert found["w"].score == 0
    assert found["b"].status in ("correct", "review")


# --- ps1/4: a mean and a deviation ---

COUNTEREXAMPLES = [
    ("[x_1 > 0]", "1"),
    (r"\mathbb{1}\{x_1 \geq 0\}", "1"),
    ("I(x_1 > 0)", "1"),
    ("1 if x_1 > 0 else -1", "1"),
    ("cases(1, x_1 > 0, 0)", "1"),
    (r"\begin{cases} 1 & x_1 > 0 \\ 0 & x_1 \le 0 \end{cases}", "1"),
    ("sign(x_1)", "1"),
    ("x_1^2", "1"),
    ("x_1**2", "1.0"),
    (r"\mu_2(x_1) = x_1^2", r"\sigma_2(x_1) = 1"),
    (r"\frac{x_1^2}{2}", r"\frac{1}{2}"),
    ("x^2", "1"),
    ("x_1^3", "0.1"),
    ("|x_1|", "10"),
    ("x_1 |x_1|", "1"),
    ("max(0, x_1)", "1"),
    ("sin(x_1)", "1"),
    ("exp(x_1)", "1"),
    ("2^{x_1}", "1"),
    ("tanh(x_1)", "1"),
    ("log(1 + x_1^2)", "1"),
    ("1/x_1", "1"),
    ("sqrt(x_1^2)", "1"),
    ("floor(x_1)", "1"),
    ("sum(x_1^i, i=0..3)", "1"),
    (r"\int_0^{x_1} t \, dt", "1"),
    ("diff(x_1^3, x_1)", "1"),
    ("x_1^2 + 10^{-9}", "10^{-300}"),
    ("[x_1 > 1000] x_1", "1"),
    # the deviation may change instead, or as well
    ("0", "exp(x_1)"),
    ("0", "1 + x_1^2"),
    ("0", "sqrt(1 + x_1^2)"),
    ("0", "|x_1|"),
    ("0", "x_1^2"),
    ("x_1", "1 + [x_1 > 0]"),
    ("2 x_1 + 3", "|x_1| + 1"),
    ("x_1^2", "exp(-x_1)"),
    ("x_1^2", "1/x_1^2"),
]


@pytest.mark.parametrize(("mu", "sigma"), COUNTEREXAMPLES)
def test_any_counterexample_is_right(mu: str, sigma: str) -> None:
    found = judged("ps1/4", mu_2=mu, sigma_2=sigma)
    assert {name: (o.status, o.score) for name, o in found.items()} == {
        "mu_2": ("correct", 4),
        "sigma_2": ("correct", 4),
    }
    assert found["mu_2"].evidence["witness"]
    assert found["mu_2"].evidence["values"]


@pytest.mark.parametrize("sigma", ["[x_1 != 0]", "1 - [x_1 = 2]", "1 + sin(x_1)", "cases(1, x_1 != 3, -1)"])
def test_a_deviation_that_is_positive_almost_everywhere_is_not_wrong(sigma: str) -> None:
    assert "incorrect" not in statuses(judged("ps1/4", mu_2="x_1^2", sigma_2=sigma)).values()


STILL_GAUSSIAN = [
    ("x_1", "1"),
    ("0", "1"),
    ("2 x_1 + 3", "2"),
    ("-x_1/7", "pi"),
    ("x", "1"),
    ("x_1 x_1/x_1", "1"),
    ("(x_1^2 - 1)/(x_1 - 1)", "1"),
    ("log(exp(x_1))", "1"),
    ("x_1 sin(x_1)^2 + x_1 cos(x_1)^2", "1"),
    (r"\int_0^{x_1} 1 \, dt", "1"),
    ("diff(x_1^2, x_1)", "1"),
    ("(x_1 + 1)^2 - x_1^2", "1"),
    ("x_1", "x_1/x_1"),
    ("1", "exp(0)"),
]


@pytest.mark.parametrize(("mu", "sigma"), STILL_GAUSSIAN)
def test_a_line_and_a_constant_are_no_counterexample(mu: str, sigma: str) -> None:
    found = judged("ps1/4", mu_2=mu, sigma_2=sigma)
    assert statuses(found) == {"mu_2": "incorrect", "sigma_2": "incorrect"}
    assert "linear mean" in said(found["mu_2"])


@pytest.mark.parametrize(
    ("mu", "sigma"),
    [
        ("[x_1 = 0]", "1"),
        ("x_1 + [x_1 = 1/7]", "1"),
        ("x_1 [x_1 != 3]", "1"),
        ("x_1 + 0^{|x_1|}", "1"),
        ("cases(x_1, x_1 != 2, 5)", "1"),
        ("x_1", "1 + [x_1 = 0]"),
        ("x_1", "cases(1, x_1 != 1/2, 2)"),
        ("x_1 + exp(-1000) x_1^2", "1"),
        ("x_1 + 10^{-60} x_1^2", "1"),
    ],
)
def test_what_differs_at_single_points_or_too_little_earns_nothing(mu: str, sigma: str) -> None:
    found = judged("ps1/4", mu_2=mu, sigma_2=sigma)
    assert {outcome.status for outcome in found.values()} <= {"review", "incorrect"}
    assert sum(outcome.score for outcome in found.values()) == 0


@pytest.mark.parametrize(
    "sigma",
    [
        "0",
        "-1",
        "x_1",
        "x_1^3",
        "sin(x_1)",
        "-exp(x_1)",
        "[x_1 > 0]",
        "1 - 1",
        "x_1 - |x_1|",
        "x_1^2 - 1",
        "x_1^2 - 10^{-9}",
        "1 - 2 [x_1 > 1000]",
        "1 - [x_1 > 10^6]",
        "1 - x_1^2/100",
        "cases(1, x_1 < 50, -1)",
    ],
)
def test_a_deviation_must_be_positive(sigma: str) -> None:
    found = judged("ps1/4", mu_2="x_1^2", sigma_2=sigma)
    assert statuses(found) == {"mu_2": "incorrect", "sigma_2": "incorrect"}
    assert "must be positive" in said(found["sigma_2"])


@pytest.mark.parametrize("sigma", ["|x_1| - 10^{-6}", "|x_1 - 1| - 10^{-6}", "(x_1 + 1)^2 - 10^{-9}"])
def test_a_deviation_that_is_negative_on_a_short_stretch_is_never_right(sigma: str) -> None:
    """Whatever the seed: the middle of the stretch is 0, 1 or -1, where every expression is tried."""
    for seed in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"):
        assert with_seed(seed, mu_2="x_1^2", sigma_2=sigma)["sigma_2"].status != "correct", seed


@pytest.mark.parametrize(
    ("mu", "sigma"), [("x_1^2", "1"), ("[x_1 > 0]", "1"), ("x_1", "1"), ("x_1^2", "x_1"), ("0", "|x_1|")]
)
def test_a_verdict_does_not_depend_on_the_seed(mu: str, sigma: str) -> None:
    kinds = {str(statuses(with_seed(str(seed), mu_2=mu, sigma_2=sigma))) for seed in range(8)}
    assert len(kinds) == 1


def with_seed(seed: str, **texts: str) -> dict[str, Outcome]:
    """Outcomes of ps1/4 under another secret."""
    course = real_course()
    (item,) = [item for item in course.assignments["ps1"].items if item.id == "4"]
    key = course.keys["ps1"]["4"]
    assert isinstance(key, ItemKey)
    fields = {name: field.placed(field.where, f"{seed}/{name}", field.label) for name, field in key.fields.items()}
    return judge_constructs(item, key.model_copy(update={"fields": fields}), responses(texts))


@pytest.mark.parametrize(
    ("mu", "sigma"),
    [("log(x_1)", "1"), ("sqrt(x_1)", "1"), ("x_1^2", "sqrt(x_1)"), ("x_1/0", "1"), ("cases(1, x_1 > 0)", "1")],
)
def test_functions_without_a_value_on_half_the_line(mu: str, sigma: str) -> None:
    found = judged("ps1/4", mu_2=mu, sigma_2=sigma)
    assert statuses(found) == {"mu_2": "incorrect", "sigma_2": "incorrect"}
    assert any("no value, for instance where x_1" in said(outcome) for outcome in found.values())
    assert any("judged together" in said(outcome) for outcome in found.values())


@pytest.mark.parametrize("given", [{"mu_2": "x_1^2"}, {"sigma_2": "1"}])
def test_half_a_counterexample_is_for_a_human(given: dict[str, str]) -> None:
    found = judged("ps1/4", **given)
    assert statuses(found) == dict.fromkeys(given, "review")
    assert "missing" in said(next(iter(found.values())))


@pytest.mark.parametrize(
    "mu", ["x_2", "0 or 1", r"\mathcal{N}(0, 1)", "y", "x_1 = 0", "x_1^2 +", "~~x_1^2~~", "mu_2(x_1)", ""]
)
def test_a_partner_that_cannot_be_read_sends_the_other_to_a_human(mu: str) -> None:
    found = judged("ps1/4", mu_2=mu, sigma_2="1")
    assert found["sigma_2"].status == "review"
    assert (found["sigma_2"].score, found["sigma_2"].pending) == (0, 4)
    if mu:
        assert found["mu_2"].status == "malformed"


@pytest.mark.parametrize(("mu", "sigma"), [("(x_1, x_1)", "1"), ("x_1^2", "(1, 1)"), ("[[x_1, 1], [1, 1]]", "1")])
def test_an_object_of_another_shape_makes_both_wrong(mu: str, sigma: str) -> None:
    found = judged("ps1/4", mu_2=mu, sigma_2=sigma)
    assert statuses(found) == {"mu_2": "incorrect", "sigma_2": "incorrect"}


# --- ps1/6.7a: tables ---

P0, P1 = "(1/2, 1/2)", "((9/10, 1/10), (1/2, 1/2))"
WITNESSES = [
    (P0, P1, "1/2"),
    (P0, P1, "2"),
    (P0, P1, "2.0"),
    (P0, P1, "T = 3"),
    (P0, P1, r"\frac12"),
    (P0, P1, "sqrt(2)"),
    (P0, P1, "e"),
    (P0, P1, "10^{-2}"),
    ("[0.5, 0.5]", "[[0.9, 0.1], [0.5, 0.5]]", "0.5"),
    ("0.5, 0.5", "(0.9, 0.1), (0.5, 0.5)", "2"),
    ("[1/3; 2/3]", "[1, 0; 1/2, 1/2]", "3"),
    ("p_0 = (1/2, 1/2)", "p_1 = ((0.9, 0.1), (0.5, 0.5))", "2"),
    ("p0 = (1/2, 1/2)", "p1 = ((0.9, 0.1), (0.5, 0.5))", "2"),
    ("[[1/2, 1/2]]", P1, "2"),
    ("(1/2, 1/2)^T", P1, "2"),
    (r"\begin{pmatrix} 1/2 \\ 1/2 \end{pmatrix}", r"\begin{bmatrix} 0.9 & 0.1 \\ 0.5 & 0.5 \end{bmatrix}", "2"),
    ("(50%, 50%)", "((90%, 10%), (50%, 50%))", "2"),
    ("(1/2)(1, 1)", "(1/2)((1.8, 0.2), (1, 1))", "2"),
    ("(0.4, 0.6)", "((0.3, 0.3, 0.4), (0.1, 0.1, 0.8))", "2"),
    ("(0.1, 0.2, 0.3, 0.4)", "((1, 0), (0.5, 0.5), (0.5, 0.5), (0.5, 0.5))", "10"),
    ("(1/2, 1/2, 0)", P1.replace("((", "((1/3, 2/3), ("), "2"),
    # rounded to a few decimals
    ("(0.33, 0.33, 0.34)", "((0.9, 0.1), (0.5, 0.5), (0.2, 0.8))", "2"),
    ("(0.33, 0.33, 0.33)", "((0.9, 0.1), (0.5, 0.5), (0.2, 0.8))", "2"),
    ("(0.3333, 0.6667)", "((0.3333, 0.6667), (0.25, 0.75))", "1.5"),
    ("(0.505, 0.505)", P1, "2"),
    (P0, "((0.9, 0.11), (0.5, 0.5))", "2"),
    (P0, "((0.67, 0.33), (0.33, 0.33, 0.33))".replace("(0.33, 0.33, 0.33)", "(0.5, 0.495)"), "2"),
]


@pytest.mark.parametrize(("p0", "p1", "t"), WITNESSES)
def test_any_witness_of_the_difference_is_right(p0: str, p1: str, t: str) -> None:
    found = judged("ps1/6.7a", p0=p0, p1=p1, T=t)
    assert {name: (o.status, o.score) for name, o in found.items()} == {
        "p0": ("correct", 1),
        "p1": ("correct", 1),
        "T": ("correct", 0),
    }


def test_lists_of_yaml_are_vectors() -> None:
    found = judged("ps1/6.7a", p0=("0.5", "0.5"), p1="[[1, 0], [0.5, 0.5]]", T="2")
    assert set(statuses(found).values()) == {"correct"}


@pytest.mark.parametrize(
    ("p0", "p1"),
    [
        ("(exp(-1), 1 - exp(-1))", P1),
        (P0, "((sqrt(2)/2, 1 - sqrt(2)/2), (1/2, 1/2))"),
        ("(sin(1)^2, cos(1)^2)", P1),
        ("(pi/4, 1 - pi/4)", "((1/pi, 1 - 1/pi), (1/2, 1/2))"),
    ],
)
def test_probabilities_may_be_irrational(p0: str, p1: str) -> None:
    assert set(statuses(judged("ps1/6.7a", p0=p0, p1=p1, T="2")).values()) == {"correct"}


NO_WITNESSES = [
    # nothing changes, or the same in every row
    (P0, P1, "1", "the two sides agree"),
    (P0, P1, "2/2", "the two sides agree"),
    (P0, "((1/2, 1/2), (1/2, 1/2))", "2", "the two sides agree"),
    (P0, "((0.9, 0.1), (0.9, 0.1))", "2", "the two sides agree"),
    (P0, "((0.9, 0.1), (0.1, 0.9))", "2", "the two sides agree"),
    (P0, "((1, 0), (0, 1))", "2", "the two sides agree"),
    (P0, "((1, 0), (1, 0))", "2", "the two sides agree"),
    ("(1, 0)", P1, "2", "the two sides agree"),
    ("(0, 1)", P1, "2", "the two sides agree"),
    ("(1/2, 1/2, 0)", "((0.9, 0.1), (0.9, 0.1), (0.5, 0.5))", "2", "the two sides agree"),
    ("(0.33, 0.33, 0.33)", "((0.33, 0.33, 0.33), (1/3, 1/3, 1/3), (0.333, 0.333, 0.333))", "2", "the two sides agree"),
    (P0, "I_2", "2", "the two sides agree"),
    (P0, "((1), (1))", "2", "the two sides agree"),
    # no distributions
    ("(1/2, 1/3)", P1, "2", "p0 do not add up"),
    ("(0.5, 0.48)", P1, "2", "p0 do not add up"),
    ("(0.5, 0.52)", P1, "2", "p0 do not add up"),
    ("(1, 1)", P1, "2", "p0 do not add up"),
    ("(3/2, -1/2)", P1, "2", "in p0 is negative"),
    ("(9, -8)", P1, "2", "in p0 is negative"),
    (P0, "((0.9, 0.12), (0.5, 0.5))", "2", "in a row of p1 do not add up"),
    (P0, "((0.9, 0.1), (0.5, 0.4))", "2", "in a row of p1 do not add up"),
    (P0, "((9, 1), (5, 5))", "2", "in a row of p1 do not add up"),
    (P0, "((1.1, -0.1), (0.5, 0.5))", "2", "in p1 is negative"),
    (P0, "((0.9, 0.5), (0.1, 0.5))", "2", "in a row of p1 do not add up"),
    # temperatures
    (P0, P1, "0", "temperature is positive"),
    (P0, P1, "-1", "temperature is positive"),
    (P0, P1, "1 - 2", "temperature is positive"),
    # shapes
    ("1/2", P1, "2", "This is a number; expected is a vector with K entries"),
    ("1", "(1/2, 1/2)", "2", "This is a number"),
    (P0, "1/2", "2", "This is a number; expected is a K x L matrix"),
    (P1, P0, "2", "This is a 2 x 2 matrix"),
    (P0, P1, "(1, 2)", "This is a vector with 2 entries; expected is a number"),
]


@pytest.mark.parametrize(("p0", "p1", "t", "words"), NO_WITNESSES)
def test_no_witness(p0: str, p1: str, t: str, words: str) -> None:
    found = judged("ps1/6.7a", p0=p0, p1=p1, T=t)
    assert set(statuses(found).values()) == {"incorrect"}
    assert any(words in said(outcome) for outcome in found.values())
    assert sum(outcome.score + outcome.pending for outcome in found.values()) == 0


@pytest.mark.parametrize(("p0", "p1"), [("(1/3, 1/3, 1/3)", P1), (P0, P1.replace("((", "((1/3, 2/3), ("))])
def test_tables_of_sizes_that_do_not_fit_are_told_so(p0: str, p1: str) -> None:
    found = judged("ps1/6.7a", p0=p0, p1=p1, T="2")
    assert set(statuses(found).values()) == {"incorrect"}
    assert "do not fit together" in said(found["p0"])


@pytest.mark.parametrize("missing", ["p0", "p1", "T"])
def test_a_witness_with_a_part_missing_is_for_a_human(missing: str) -> None:
    found = judged("ps1/6.7a", **({"p0": P0, "p1": P1, "T": "2"} | {missing: ""}))
    assert missing not in found
    assert set(statuses(found).values()) == {"review"}
    assert all(missing in said(outcome) for outcome in found.values())


@pytest.mark.parametrize(
    ("p0", "p1", "t", "broken"),
    [
        ("(1/2, 1/2", P1, "2", "p0"),
        ("half, half", P1, "2", "p0"),
        ("(x, 1 - x)", P1, "2", "p0"),
        ("(p, 1-p)", P1, "2", "p0"),
        ("uniform", P1, "2", "p0"),
        ("(0.5 0.5)", P1, "2", "p0"),
        (P0, "((9/10, 1/10), (1/2))", "2", "p1"),
        (P0, "((9/10, 1/10), (1/2, 1/4, 1/4))", "2", "p1"),
        (P0, "I", "2", "p1"),
        (P0, P1, "T", "T"),
        (P0, P1, "any T", "T"),
        (P0, P1, "T > 1", "T"),
        (P0, P1, "2)", "T"),
    ],
)
def test_a_part_that_cannot_be_read(p0: str, p1: str, t: str, broken: str) -> None:
    found = judged("ps1/6.7a", p0=p0, p1=p1, T=t)
    assert statuses(found) == {"p0": "review", "p1": "review", "T": "review"} | {broken: "malformed"}


@pytest.mark.parametrize(
    ("p0", "t"), [("(9^9^9^9, 1)", "2"), (P0, "9^9^9"), (P0, "infinity"), ("(" + "1/400, " * 399 + "1/400)", "2")]
)
def test_hostile_tables_earn_nothing_and_are_no_error(p0: str, t: str) -> None:
    found = judged("ps1/6.7a", p0=p0, p1=P1, T=t)
    assert set(statuses(found).values()) <= {"review", "incorrect", "malformed"}
    assert sum(outcome.score for outcome in found.values()) == 0


def test_long_tables_are_judged() -> None:
    p0 = "(" + ", ".join(["0.05"] * 20) + ")"
    p1 = "(" + ", ".join(["(1, 0)"] * 10 + ["(0.5, 0.5)"] * 10) + ")"
    assert set(statuses(judged("ps1/6.7a", p0=p0, p1=p1, T="2")).values()) == {"correct"}


# --- as part of a submission, and with faults of our own ---


def graded(where: str, course: Course | None = None, **texts: str) -> dict[str, FieldResult]:
    assignment, _, name = where.partition("/")
    work = Work(assignment=assignment, responses={name: responses(texts)})
    (result,) = grade_work(work, course or real_course(), [where]).items
    return {field.name: field for field in result.fields}


def test_in_a_submission() -> None:
    fields = graded("ps1/4", answer="no", mu_2="x_1^2", sigma_2="1")
    assert {name: (field.status, field.score) for name, field in fields.items()} == {
        "answer": ("correct", 3),
        "mu_2": ("correct", 4),
        "sigma_2": ("correct", 4),
        "why": ("blank", 0),
    }
    assert fields["mu_2"].evidence["property"]


def test_blank_partners_in_a_submission() -> None:
    fields = graded("ps1/4", mu_2="x_1^2")
    assert (fields["mu_2"].status, fields["mu_2"].pending) == ("review", 4)
    assert (fields["sigma_2"].status, fields["sigma_2"].score, fields["sigma_2"].pending) == ("blank", 0, 0)


def test_no_constructs_in_a_submission_are_blank() -> None:
    assert {field.status for field in graded("ps1/2").values()} == {"blank"}


def test_a_response_with_a_problem_is_malformed_and_no_partner() -> None:
    both = {"mu_2": Response(text="x_1^2", problem="answered twice"), "sigma_2": Response(text="1")}
    (result,) = grade_work(Work(assignment="ps1", responses={"4": both}), real_course(), ["ps1/4"]).items
    assert [field.status for field in result.fields] == ["blank", "malformed", "review", "blank"]


PROBLEM = """\
question: 1
title: Objects
items:
  - id: 1a
    points: 4
    prompt: Name them.
    symbols:
      n: {domain: positive integer}
      x: {}
      u: {shape: [n]}
    fields:
      a: {kind: construct, points: 2, arguments: [x], uses: [x]}
      b: {kind: construct, points: 1}
      answer: {kind: numeric, points: 1}
"""
KEY = """\
1a:
  a: x^2
  b: 1
  answer: 7
  properties:
    - of: [a, b]
      always: [a(x) + b > 0, a(2) = 4]
      sometimes: [a(x) != b]
      say: Look again.
"""


def quiz(folder: Path, key: str = KEY, problem: str = PROBLEM) -> Course:
    head = "title: Quiz\npoints: 4\nquestions: [1]\n"
    for name, text in {
        "problems/quiz/assignment.yaml": head,
        "problems/quiz/1.yaml": problem,
        "reference/quiz/1.yaml": key,
        "reference/secret": "of our own\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return load_course(folder / "problems", folder / "reference")


def test_nothing_is_wrong_with_the_quiz(tmp_path: Path) -> None:
    course = quiz(tmp_path)
    assert course_faults(course) == []
    fields = graded("quiz/1a", course, a="x^2", b="1", answer="7")
    assert [field.status for field in fields.values()] == ["correct"] * 3
    assert graded("quiz/1a", course, a="x^2 + x - 2", b="1")["a"].status == "incorrect"
    assert graded("quiz/1a", course, a="x + 2", b="100")["a"].status == "incorrect"
    assert "Look again." in graded("quiz/1a", course, a="5", b="1")["a"].feedback[0].text


BROKEN = [
    ("a(2) = 4]", "a(2) = ]", "cannot be read"),
    ("a(2) = 4]", "a(2)]", "cannot be read"),
    ("a(2) = 4]", "a(z) = 4]", "cannot be read"),
    ("a(2) = 4]", "a = 4]", "cannot be read"),
    ("a(2) = 4]", "a(1, 2) = 4]", "cannot be read"),
    ("a(2) = 4]", "c(2) = 4]", "cannot be read"),
    ("a(x) != b", "a(x) !! b", "cannot be read"),
    ("a(2) = 4]", "{relation: a(i) = 4, over: {i: K}}]", "which is no size here"),
]


@pytest.mark.parametrize(("before", "after", "words"), BROKEN)
def test_a_property_that_cannot_be_read_is_an_error_and_no_zero(
    tmp_path: Path, before: str, after: str, words: str | None
) -> None:
    course = quiz(tmp_path, KEY.replace(before, after))
    fields = graded("quiz/1a", course, a="x^2", b="1", answer="7")
    assert [(field.status, field.score, field.pending) for field in fields.values()] == [
        ("error", 0, 2),
        ("error", 0, 1),
        ("correct", 1, 0),
    ]
    assert "not your response" in fields["a"].feedback[0].text
    faults = course_faults(course)
    assert faults
    assert all(fault.where.file == tmp_path / "reference/quiz/1.yaml" for fault in faults)
    assert all(fault.where.line for fault in faults)
    assert words is None or any(words in fault.message for fault in faults)
    staff = [said.text for said in fields["a"].feedback if said.audience == "staff"]
    assert staff
    assert words is None or words in staff[0]
    assert words is None or "reference/quiz/1.yaml:" in staff[0]


def test_a_property_that_cannot_be_read_costs_no_one_who_left_it_blank(tmp_path: Path) -> None:
    course = quiz(tmp_path, KEY.replace("a(2) = 4]", "a(2) = ]"))
    fields = graded("quiz/1a", course, answer="7")
    assert [field.status for field in fields.values()] == ["blank", "blank", "correct"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: x^2", "a: x"),
        ("a: x^2", "a: -x^2"),
        ("a(2) = 4]", "u = 4]"),
        ("b: 1", "b: -1"),
        ("sometimes: [a(x) != b]", "sometimes: [b != 1]"),
    ],
)
def test_a_keys_own_object_without_the_property_is_a_fault(tmp_path: Path, before: str, after: str) -> None:
    faults = course_faults(quiz(tmp_path, KEY.replace(before, after)))
    assert faults
    for fault in faults:
        assert fault.where.file == tmp_path / "reference/quiz/1.yaml"
        assert fault.where.line == 6
        assert fault.field == "1a.a.b"
        assert "comes out incorrect" in fault.message


@pytest.mark.parametrize(
    ("value", "words"),
    [("a: x +", "cannot be read|comes out malformed"), ("a: u", "comes out incorrect"), ("a: n x", "comes out")],
)
def test_a_keys_own_object_that_is_none_is_a_fault(tmp_path: Path, value: str, words: str) -> None:
    faults = course_faults(quiz(tmp_path, KEY.replace("a: x^2", value)))
    assert any(part in fault.message for fault in faults for part in words.split("|"))


def test_a_keys_object_that_is_none_is_an_error_where_it_is_needed(tmp_path: Path) -> None:
    """Judged apart, a response is put beside the key's other objects."""
    key = KEY.replace("of: [a, b]", "of: [a, b]\n      apart: true").replace("b: 1", "b: 1 +")
    fields = graded("quiz/1a", quiz(tmp_path, key), a="x^2")
    assert (fields["a"].status, fields["a"].score, fields["a"].pending) == ("error", 0, 2)


LOADING = [
    ("of: [a, b]", "of: [a, c]", "'c' is no construct of item 1a", 6),
    ("of: [a, b]", "of: [a, answer]", "'answer' is no construct of item 1a", 6),
    ("of: [a, b]", "of: []", None, 6),
    ("  a: x^2\n", "", "there is no key for a", 5),
    ("always: [a(x) + b > 0, a(2) = 4]\n      sometimes: [a(x) != b]", "apart: true", "always: or sometimes:", None),
    ("say: Look again.", "sai: Look again.", "sai", None),
    ("always: [", "alway: [", "alway", None),
    ("a(2) = 4]", "{relation: a(2) = 4, within: 0}]", None, None),
    ("a(2) = 4]", "{relation: a(2) = 4, within: near}]", None, None),
    ("a(2) = 4]", "{relation: ''}]", None, None),
    ("a(2) = 4]", "{over: {i: n}}]", "relation", None),
    ("a(2) = 4]", "7 = ]]", None, None),
    ("properties:\n", "properties: 7\n  other:\n", None, None),
]


@pytest.mark.parametrize(("before", "after", "words", "line"), LOADING)
def test_what_is_wrong_with_a_property_is_found_in_loading(
    tmp_path: Path, before: str, after: str, words: str | None, line: int | None
) -> None:
    assert before in KEY
    course = quiz(tmp_path, KEY.replace(before, after))
    found = course.keys["quiz"]["1a"] if course.keys else None
    faults = [*(found.faults if isinstance(found, SpecError) else []), *course.faults]
    assert faults
    assert words is None or any(words in f"{fault.field} {fault.message}" for fault in faults)
    assert line is None or any(fault.where.line == line for fault in faults)
    if isinstance(found, SpecError):
        fields = graded("quiz/1a", course, a="x^2", answer="7")
        assert fields["answer"].status == "error"
        assert fields["answer"].score == 0
        assert fields["answer"].pending == 1
        assert fields["a"].status in ("error", "review")
        assert fields["a"].pending == 2


SYMBOLS = [
    (
        "u: {shape: [n]}",
        "u: {shape: [k]}",
        "shape: expected sizes that are numbers or declared positive integers instead of 'k'",
    ),
    ("u: {shape: [n]}", "u: {shape: [x]}", "instead of 'x'"),
    ("u: {shape: [n]}", "u: {shape: ['0']}", "instead of '0'"),
    ("u: {shape: [n]}", "u: {shape: [n], arity: 1}", "either shape: or arity:"),
    ("u: {shape: [n]}", "u: {shape: [n, n, n]}", ""),
    ("x: {}", "x: {up_to: q}", "up_to: names 'q', which is not declared"),
    ("x: {}", "x: {below: q}", "below: names 'q', which is not declared"),
    ("x: {}", "x: {below: x}", "below: goes in a circle"),
    ("x: {}", "det: {}", "'det' has a meaning in every formula"),
    ("x: {}", "cases: {}", "'cases' has a meaning in every formula"),
]


@pytest.mark.parametrize(("before", "after", "words"), SYMBOLS)
def test_wrong_symbols_are_faults_with_a_place(tmp_path: Path, before: str, after: str, words: str) -> None:
    course = quiz(tmp_path, problem=PROBLEM.replace(before, after))
    assert course.assignments == {}
    faults = [fault for fault in course.faults if words in fault.message]
    assert faults
    assert faults[0].where.file == tmp_path / "problems/quiz/1.yaml"
    assert faults[0].where.line in (8, 9, 10)


@pytest.mark.parametrize("shape", ["[n]", "[n, n]", "['3']", "['2', n]"])
def test_good_shapes_are_no_faults(tmp_path: Path, shape: str) -> None:
    assert course_faults(quiz(tmp_path, problem=PROBLEM.replace("u: {shape: [n]}", f"u: {{shape: {shape}}}"))) == []


def test_up_to_may_go_in_a_circle_no_more_than_below(tmp_path: Path) -> None:
    problem = PROBLEM.replace(
        "n: {domain: positive integer}", "n: {domain: positive integer, below: m}\n      m: {below: n}"
    )
    assert any("circle" in fault.message for fault in quiz(tmp_path, problem=problem).faults)


def test_marking_tests_of_constructs_are_run_together(tmp_path: Path) -> None:
    tests = (
        "  tests:\n"
        "    - {a: x^2, b: 1, score: 3, status: correct}\n"
        "    - {a: x, b: 1, score: 0, status: incorrect}\n"
        "    - {a: x^2, status: review}\n"
        "    - {a: x^2, b: 1, answer: 7, score: 4, status: correct}\n"
    )
    course = quiz(tmp_path, KEY + tests)
    assert course_faults(course) == []
    wrong = quiz(tmp_path, KEY + tests.replace("{a: x, b: 1, score: 0, status: incorrect}", "{a: x, b: 1, score: 3}"))
    (fault,) = course_faults(wrong)
    assert "a marking test fails" in fault.message
    assert fault.where.line == 12


def test_listed_mistakes_of_constructs_are_met_by_value(tmp_path: Path) -> None:
    mistakes = "  mistakes:\n    - {field: a, when: 2 x, say: Not the double., credit: 1}\n"
    course = quiz(tmp_path, KEY + mistakes)
    assert course_faults(course) == []
    for text in ("2 x", "x + x", "4 x/2"):
        found = graded("quiz/1a", course, a=text, b="1")
        assert (found["a"].status, found["a"].score) == ("partial", 1)
        assert found["a"].feedback[-1].text == "Not the double."
    assert graded("quiz/1a", course, a="3 x", b="1")["a"].score == 0


def test_a_checker_that_breaks_costs_its_fields_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = quiz(tmp_path)

    def broken(*_: object) -> dict[str, Outcome]:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr("grader.checkers.construct.check_together", broken)
    fields = graded("quiz/1a", course, a="x^2", answer="7")
    assert [(field.status, field.pending) for field in fields.values()] == [("error", 2), ("blank", 0), ("correct", 0)]
    assert "a bug of ours" in fields["a"].feedback[-1].text
    assert any("a bug of ours" in fault.message for fault in course_faults(course))


def test_the_courses_own_objects_have_their_properties() -> None:
    course = real_course()
    found = 0
    for assignment, keys in course.keys.items():
        for name, key in keys.items():
            if not isinstance(key, ItemKey):
                continue
            (item,) = [item for item in course.assignments[assignment].items if item.id == name]
            for prop in key.properties:
                assert isinstance(prop, Property)
                own = {of: Response(text=getattr(key.fields[of], "value", "")) for of in prop.of}
                assert set(statuses(judge_constructs(item, key, own)).values()) == {"correct"}
                found += len(prop.of)
    assert found == 8
    assert isinstance(item, Item)
