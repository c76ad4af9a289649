r"""Attacks on the judging of derivations: responses that are wrong, or no proof, and what must not become of them.

Attacks that succeed today are marked ``xfail(strict=True)`` with the reason; the others were repelled.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from grader.checkers import derivation
from grader.keys import DerivationKey
from grader.result import Outcome
from grader.spec import DerivationField
from grader.submission import Response
from tests.course import ROOT, real_course

SECONDS = 60  # a guard against what never ends, no measurement

PS1_1_START = r"\arg\max_\theta E_{\hat{p}(x,y)}[\log p_\theta(y|x)]"
PS1_1_GOAL = r"\arg\min_\theta E_{\hat{p}(x)}[D_{KL}(\hat{p}(y|x) \| p_\theta(y|x))]"
S6A, N6A = r"\arg\min_\theta L_S(\theta)", r"\arg\min_\theta L_{NS}(\theta)"
START_7F = r"\min_{q_\theta} D_{KL}(p^T(x) \| q_\theta(x))"
GOAL_7F = r"\min_{q_\theta} E_{x \sim p}[-e^{\frac{1-T}{T} \log p(x)} \log q_\theta(x)]"
GOAL_5D = (
    r"E_{q_\phi(z_{\le T}|x_{\le T})}[\sum_{t=1}^T (-D_{KL}(q_\phi(z_t|x_{\le t},z_{<t}) \|"
    r" p_{\theta_2}(z_t|x_{<t},z_{<t})) + \log p_{\theta_1}(x_t|z_{\le t},x_{<t}))]"
)


def judged(item: str, response: str) -> Outcome:
    assignment, name = item.split("/")
    course = real_course()
    found = next(one for one in course.assignments[assignment].items if one.id == name)
    field = next(one for one in found.fields if isinstance(one, DerivationField))
    keys = course.keys[assignment][name].fields
    others = {other: key.value for other, key in keys.items() if hasattr(key, "value")}
    key = keys[field.name]
    assert isinstance(key, DerivationKey)
    return derivation.check(field, key, Response(text=response), others)


def worth(item: str) -> float:
    return {"midterm/6a": 2, "ps1/1": 10, "ps1/5.1": 5}.get(item, 4)


def hole(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(strict=True, reason=reason)


def displays(*formulas: str) -> str:
    return "\n\n".join(f"$${formula}$$" for formula in formulas)


def chain(*sides: str) -> str:
    return r" \\ = ".join(sides)


# --- full marks for no proof ---

LEMMA = "a restated claim counts as proved once any true line meets a milestone, needed or not (by_lemma)"
PADDED = "the claim is one leap, padded by what is added or multiplied and changes nothing; that meets the milestones"

NO_PROOF = [
    # the claim restated, beside a true line that has nothing to do with it
    pytest.param(
        "ps1/1", displays(r"\log \hat{p}(y|x) = \log \hat p(x,y) - \log \hat p(x)", f"{PS1_1_START} = {PS1_1_GOAL}"),
        id="lemma-ps1/1"),
    pytest.param(
        "ps1/2",
        displays(r"p_\theta(x,y) = p_\theta(x|y) p_\theta(y)", r"x^\top \mu_y = \sigma^2 x^\top w_y",
                 r"p_\theta(y|x) = p_\gamma(y|x)"),
        id="lemma-ps1/2"),
    pytest.param("ps1/5.1", displays(r"\sum_z p(x,z) = p(x)", "E[A] = p(x)"), id="lemma-5.1"),
    pytest.param(
        "ps1/5.2", displays(r"\log E[A] = \log p(x)", r"E[\log A] \le \log p(x)"), id="lemma-5.2"),
    pytest.param(
        "midterm/5d",
        displays(r"\prod_{t=1}^T q_\phi(z_t|x_{\le t},z_{<t}) = q_\phi(z_{\le T}|x_{\le T})", f"ELBO = {GOAL_5D}"),
        id="lemma-5d"),
    pytest.param(
        "midterm/6a", displays(r"\arg\max_\theta D = \arg\max_\theta D^2", f"{S6A} = {N6A}"),
        id="lemma-6a"),
    pytest.param(
        "midterm/7f", displays(r"\log p^T(x) = \frac1T \log p(x) - \log Z(T)", f"{START_7F} = {GOAL_7F}"),
        id="lemma-7f-both-milestones"),
    # the claim in one leap from a side to which nothing was added
    pytest.param(
        "ps1/1", chain(PS1_1_START, PS1_1_START + r" - 17 \log \hat{p}(y|x)", PS1_1_GOAL),
        id="padded-ps1/1"),
    pytest.param(
        "ps1/2",
        chain(r"p_\theta(y|x)", r"p_\theta(y|x) \frac{p_\theta(x|y)}{N(x|\mu_y,\sigma^2 I)} \frac{x^\top\mu_y}"
              r"{\sigma^2 x^\top w_y}", r"p_\gamma(y|x)"),
        id="padded-ps1/2"),
    pytest.param("ps1/5.1", r"E[A] = \sum_z p(x,z) = p(x)", id="marginal-alone-5.1"),
    pytest.param("ps1/5.1", r"E[A] = p(x)^2/\sum_z p(x,z) = p(x)", id="padded-5.1"),
    pytest.param(
        "ps1/5.2", r"E[\log A] = E[\log A] + \log E[A] - \log p(x) \le \log p(x)",
        id="padded-5.2"),
    pytest.param(
        "midterm/5d",
        chain("ELBO", r"ELBO + \sum_{t=1}^T \log q_\phi(z_t|x_{\le t},z_{<t}) - \log q_\phi(z_{\le T}|x_{\le T})",
              GOAL_5D),
        id="padded-5d"),
    pytest.param(
        "midterm/7f", chain(START_7F, r"\min_{q_\theta} (D_{KL}(p^T(x) \| q_\theta(x)) + \log Z(T))", GOAL_7F),
        id="padded-7f-both-milestones"),
    # repelled
    pytest.param("ps1/5.1", r"E[A] = p(x) \\ = \sum_z p(x,z) \\ = p(x)", id="a-loop-behind-the-goal"),
    pytest.param("ps1/5.2", r"E[\log A] \le \log p(x) = \log E[A] = \log p(x)", id="a-loop-behind-the-goal-5.2"),
    pytest.param("ps1/5.1", r"E[A] + \sum_z p(x,z) = p(x) + \sum_z p(x,z)", id="the-same-on-both-sides"),
    pytest.param(
        "ps1/2", "let p_\\gamma(y|x) = p_\\theta(y|x)\n\n$$p_\\theta(y|x) = p_\\gamma(y|x)$$", id="let-the-goal"),
    pytest.param("ps1/5.1", r"E[A] \le \sum_z p(x,z) \\ \le p(x)", id="inequality-for-equality"),
    pytest.param("ps1/5.1", r"E[A] = \sum_z p(x,z) \\ = 3 p(x) \\ = p(x)", id="two-errors-that-cancel"),
    pytest.param(
        "ps1/2", r"p_\theta(y|x) \propto \exp(x^\top\mu_y/\sigma^2 + b_y) \propto 7 p_\gamma(y|x)", id="propto-7"),
    pytest.param("ps1/2", r"w_y = \mu_y \\ p_\theta(y|x) = p_\gamma(y|x)", id="a-wrong-gamma"),
    pytest.param(
        "midterm/6a", chain(S6A, r"\arg\max_\theta D(1-D)", N6A), id="an-objective-of-its-own"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "response"), NO_PROOF)
def test_what_is_no_proof_gets_less_than_full_marks(item: str, response: str) -> None:
    assert judged(item, response).score < worth(item)


IDLE = "any true line earns the points for steps, and those of a milestone whose pattern it has, whatever it is about"


@pytest.mark.parametrize(
    ("item", "response"),
    [
        pytest.param("ps1/1", r"1 \le 2"),
        pytest.param("ps1/1", r"\hat p(y|x) \log \hat p(y|x) \le 0"),
        pytest.param("ps1/5.1", r"1 \ne 2"),
        pytest.param("midterm/7f", r"\log p(x)/T = \log p^T(x) + \log Z(T)"),
        pytest.param(
            "ps1/5.1", displays("E[A] = p(x)", r"\sum_z p(x,z) = p(x)", "p(x) = 3")),
        ("ps1/1", r"p_\theta(y|x) = e^{\log p_\theta(y|x)}"),
        ("ps1/5.1", "E[A] = p(x)"),
        ("ps1/5.1", displays(r"\sum_z p(z) p(x|z) = p(x)", "E[A] = p(x)", r"\log frobnicate = 3")),
        ("midterm/6a", rf"{S6A} \\ \arg\max_\theta D = \arg\max_\theta D \\ {N6A}"),
    ],
)  # fmt: skip
def test_idle_lines_earn_nothing(item: str, response: str) -> None:
    assert judged(item, response).score == 0


# --- false lines ---

DRAWN = "drawn worlds have only these sizes, counts and ranges, so what is true in them alone holds"
TINY = "beside a logarithm a difference below 2^-160 counts as none"
RANGE = "the range written under the sign is skipped unread"
WEIGHT = "what is drawn from a density of something else is read as drawn from that something's distribution"

FALSE_LINES = [
    # only counts 2, 3 (5) and sizes 2, 3, 5 are drawn
    pytest.param("ps1/5.1", "p(x) = p(x) + (k-2)(k-3)"),
    pytest.param("ps1/5.1", r"p(x) = p(x) + (\sum_z 1 - 2)(\sum_z 1 - 3)(\sum_z 1 - 5)"),
    pytest.param(
        "midterm/5d", r"\log q_\phi(z_t|x_{\le t},z_{<t}) = \log q_\phi(z_t|x_{\le t},z_{\max(1,t-2):t-1})"),
    # quantities lie in [0.3, 3], those of (0, 1) are multiples of 1/64
    pytest.param("midterm/7f", r"T \le 4"),
    pytest.param("midterm/7f", r"T \ne 1"),
    pytest.param("midterm/6a", r"\arg\min_\theta D = \arg\min_\theta (D - 1/1000)^2"),
    # tables have entries that are not too small
    pytest.param("ps1/5.1", r"p(x) = \max(p(x), 10^{-6})"),
    pytest.param(
        "ps1/1", r"E_{\hat p(y|x)}[\frac{p_\theta(y|x)}{\hat p(y|x)}] = 1",
        marks=hole("the data's distribution is drawn without zeros, though no label need occur beside every x")),
    # below the tolerance
    pytest.param("ps1/5.2", r"\log p(x) = \log p(x) + e^{-1000/p(x)}"),
    pytest.param("ps1/5.2", r"\log p(x) = \log p(x) + (p(x)^{40})^{40}"),
    # misread
    pytest.param("ps1/5.1", r"\sum_{z \in \{1\}} p(x,z) = p(x)"),
    pytest.param("ps1/5.1", r"\int_{z>0} p(x,z) dz = p(x)"),
    pytest.param("midterm/6a", rf"{S6A} = \arg\max_{{\theta: D < 1/2}} D"),
    pytest.param(
        "midterm/5d", r"\sum_{t=1}^T E_{z_t \sim q_\phi(z_T|x_{\le T})}[\log p(z_t)] = \sum_{t=1}^T E_q[\log p(z_t)]"),
    pytest.param("ps1/5.1", "let \\log = 0\n\n$$\\log p(x) = 0$$"),
    # repelled
    ("ps1/5.1", "p(x) = p(x) + (p(x)^{40})^{40}"),
    ("ps1/5.1", r"\log p(x) = \log p(x) + p(x)^{40}"),
    ("ps1/5.1", "p(x) = (1 + 10^{-12}) p(x)"),
    ("ps1/5.1", r"E_{z^{(i)}}[\frac{1}{k} \sum_{j=1}^k p(x|z^{(j)})] = p(x)"),
    ("ps1/5.1", "E[A^2] = E[A]^2"),
    ("ps1/5.1", r"\frac{p(x)-p(x)}{p(x)-p(x)} p(x) = p(x)"),
    ("ps1/5.1", r"E[A] \not= p(x)"),
    ("ps1/5.2", r"\log p(x) - E[\log A] \le 6"),
    ("midterm/6a", "let D = 1 - D"),
    ("midterm/7f", r"\log p(x)^{1/T}/Z(T) = \log p^T(x)"),
    ("midterm/5d", r"E_q \log p(x,z) - \log q(z|x) = ELBO"),
    ("ps1/2", r"\log p_\theta(y|x) \propto x^\top w_y + b_y"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "response"), FALSE_LINES)
def test_a_false_line_does_not_hold(item: str, response: str) -> None:
    assert judged(item, response).evidence["lines"][-1] != "holds"


# --- responses that cost too much, or end in an error ---


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _named_in_names(width: int, depth: int) -> str:
    lines, before = [], "p(x)"
    for k in range(depth):
        lines.append(f"let r_{k} = " + "+".join([before] * width))
        before = f"r_{k}"
    return "\n\n".join([*lines, f"$$p(x) = {before}$$"])


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(
            _named_in_names(20, 6), id="names"),
        pytest.param(
            chain("p(x)", *(rf"{m} (\sum_{{i=1}}^{{60}} (\sum_{{j=1}}^{{60}} i j p(x)))" for m in range(180))),
            id="many-lines"),
        pytest.param("E[A]" + " = p(x) + 0" * 900, id="many-relations"),
        pytest.param(r"p(x) = \underbrace{" * 1000 + "}" * 1000, id="nested-notes"),
    ],
)  # fmt: skip
def test_a_response_is_judged_in_time(response: str) -> None:
    assert len(response) <= 20_000
    with _within(SECONDS):
        judged("ps1/5.1", response)


def test_powers_of_powers_are_judged_in_time() -> None:
    response = "p(x) = " + "(" * 5 + "p(x)" + ")^{40}" * 5
    limit = "import resource; resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))"
    code = f"{limit}; from tests.derivation.test_red_team import judged; judged('ps1/5.1', {response!r})"
    run = partial(subprocess.run, [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    try:
        run(timeout=SECONDS)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        pytest.fail(str(error)[-200:])


@pytest.mark.parametrize(
    ("item", "response"),
    [
        ("midterm/6a", r"1 = \arg\max_{\theta D"),
        ("ps1/2", r"1 = \mu_{y_"),
        ("ps1/5.1", r"1 = \int_{z p(x)"),
        ("ps1/5.1", r"1 = \sum_{z"),
        ("ps1/5.1", r"1 = p(z^{("),
    ],
)
def test_a_line_cut_short_is_unread(item: str, response: str) -> None:
    assert judged(item, response).evidence["lines"] == ["unread"]
