r"""Spellings, names and sentences of proofs as students write them, read into chains."""

from __future__ import annotations

import pytest

from grader.derivation.text.lines import read_lines
from grader.derivation.text.spelling import respelled
from grader.errors import Unreadable
from tests.derivation.conftest import judge

MEAN = r"\frac1k \sum_{i=1}^k \mathbb{E}_{z \sim p(z)}[p(x|z)]"
SHOWN = rf"$\mathbb{{E}}[A] = {MEAN} = p(x)$"


def marks(item: str, response: str) -> str:
    """One letter a line: start, holds, fails, unread."""
    return "".join(mark[0] for mark in judge(item, response).evidence["lines"])


def pieces(text: str) -> list[list[str]]:
    return [[piece.text.strip() for piece in line.pieces] for line in read_lines(text).lines]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"E_{x\sim\hat{p}}[a]", "E_{x-> hatp }[a]"),
        (r"\widehat{\mathbf{p}}", " hatp"),
        (r"\hat\theta + \bar{\mu}", " hattheta + barmu"),
        (r"\frac{\arg\min}{2}", r"\frac{ argmin }{2}"),
        (r"\operatorname*{arg\,min}_\theta", r" argmin _\theta"),
        (r"\sum_{\substack{a \\ b}}", r"\sum_{ a , b }"),
        (r"E_{\substack{x\sim \\ q}}", "E_{ x-> q }"),
        (r"x \stackrel{\text{iid}}{\sim} p", "x -> p"),
        (r"p(x \given z) + \iint f", r"p(x \mid z) + ∫∫ f"),
        ("xᵀy + z⁽ⁱ⁾", "x^Ty + z^{(i)}"),
        (r"\ell_t + \theta^\star", r" ell_t + \theta^*"),
        (r"{1 \over k}", "{(1)/(k)}"),
    ],
)
def test_spellings(written: str, read: str) -> None:
    assert respelled(written).split() == read.split()


@pytest.mark.parametrize(
    ("row", "read"),
    [
        (r"$$a ={} & \boxed{b + c}$$", ["a", "b + c"]),
        (r"$$a = {\color{red} b} + \textcolor{blue}{c}$$", ["a", "b  + c"]),
        (r"$$\underline{a = b}$$", ["a", "b"]),
        (r"\( \hphantom{E[A]}~=~p(x) \)", ["p(x)"]),
        (r"$$E[A] \underbrace{\leq}_{\text{Jensen}} b \qquad \text{q.e.d.}$$", ["E[A]", "b"]),
        ("E[A] = sum over z of p(z)", ["E[A]", "sum_{z} p(z)"]),
        ("min over q_theta of f(x) is the same problem as g(x)", ["min_{q_theta} f(x)", "g(x)"]),
        (r"$$\theta^\star \in \arg\min_\theta f \iff \theta^\star \in \arg\min_\theta g$$",
         [r"\arg\min_\theta f", r"\arg\min_\theta g"]),
        ("E[A] = f(x)          k equal terms, divided by k", ["E[A]", "f(x)"]),
        ("E[A] = -1 * f(x)     (times -1)", ["E[A]", "-1 * f(x)"]),
        ("E[A] = f(x)     (1 - p)", ["E[A]", "f(x)     (1 - p)"]),
        (r"$$a &= b & (\arg\max f = \arg\min -f)$$", ["a", "b"]),
        (r"$$a &= b & \text{as } c = d$$", ["a", "b"]),
        (r"$$a &= b & (c + d)$$", ["a", "b   (c + d)"]),
        (r"$$d = f(x) \in (0, 1)$$", ["d", "f(x)"]),
    ],
)  # fmt: skip
def test_rows(row: str, read: list[str]) -> None:
    squeezed = [["".join(text.split()) for text in line] for line in pieces(row)]
    assert squeezed == [["".join(text.split()) for text in read]]


def test_an_array_may_be_an_alignment() -> None:
    assert pieces("$$\\begin{array}{rcl} a & = & b \\\\ & = & c \\end{array}$$") == [["a", "b"], ["c"]]
    assert len(pieces(r"$$a = \left[\begin{array}{cc} b & c \\ d & e \end{array}\right]$$")) == 1


def test_macros() -> None:
    macro = "\\newcommand{\\lik}{p(x|z)}\n"
    assert pieces(macro + r"$E[A] = \lik$") == [["E[A]", "p(x|z)"]]
    assert pieces(macro + macro + r"$E[A] = \lik$")[-1] == ["E[A]", r"\lik"]
    with pytest.raises(Unreadable, match="formulas"):
        read_lines("a" + " = b" * 401)


def test_a_sentence_with_several_formulas_is_one_line() -> None:
    assert marks("ps1/5.1", "Clearly $p(x) = p(x)$ and $A = A$.\n\n" + SHOWN) == "hh"


# sentences


def test_a_chain_is_not_dropped_for_one_piece() -> None:
    assert marks("ps1/5.1", rf"Then $\mathbb{{E}}[A] = {MEAN} = \heartsuit$ as claimed.") == "u"
    outcome = judge("ps1/5.1", r"By a rule $\heartsuit = \spadesuit$ we are done." + "\n\n" + SHOWN)
    assert outcome.status == "correct"


def test_a_reason_does_not_take_over_the_chain() -> None:
    right = r"$\mathbb{E}[A]$" + "\n\n" + rf"$= {MEAN}$, because $%s$," + "\n\n$= p(x)$"
    assert marks("ps1/5.1", right % r"\sum_z p(z) p(x|z) = p(x)") == "shh"
    assert marks("ps1/5.1", right % r"\sum_z p(z) p(x|z) = 2 p(x)") == "sfh"
    assert marks("ps1/5.1", right % r"\sum_z p(z) p(x|z) = p(x)" + r"$= 2 p(x)$")[-1] == "f"


# names


@pytest.mark.parametrize(
    "text",
    [
        r"Let $\ell = \mathbb{E}_{z\sim p(z)}[p(x|z)]$. Then $\mathbb{E}[A] = \frac1k \sum_{i=1}^k \ell = p(x)$.",
        r"Let $\hat\mu = \mathbb{E}_{z\sim p(z)}[p(x|z)]$. Then $\mathbb{E}[A] = \frac1k \sum_{i=1}^k \hat\mu = p(x)$.",
        r"Write $m = p(x)$." + "\n\n" + rf"$\mathbb{{E}}[A] = {MEAN} = m$",
        rf"$\mathbb{{E}}[A] = {MEAN} = C$" + "\n\n" + "where $C = p(x)$.",
        r"Let $g(z) = p(x|z)$. Then $\mathbb{E}[A] = \frac1k \sum_{i=1}^k \mathbb{E}[g(z^{(i)})] = p(x)$.",
        rf"$b^\star = \mathbb{{E}}[A] = {MEAN} = p(x)$",
    ],
)
def test_names(text: str) -> None:
    assert set(marks("ps1/5.1", text)) <= set("sh")
    assert "f" in marks("ps1/5.1", text.replace("p(x)$", "2 p(x)$").replace("= C$", "= 2 C$").replace("= m$", "= 2 m$"))


def test_a_name_at_the_left_is_the_claims_where_it_says_so() -> None:
    goal = r"\mathbb{E}_{q_\phi}[\log p_\theta(x_{\le T}, z_{\le T}) - \log q_\phi(z_{\le T}|x_{\le T})]"
    assert marks("midterm/5d", rf"$\mathcal{{L}}_{{\text{{ELBO}}}} = {goal}$") == "h"
    assert marks("midterm/5d", r"$\mathcal{L}_{\text{ELBO}} = 0$") == "f"
    assert marks("midterm/5d", rf"$\mathcal{{L}}(\theta, \phi) = {goal}$") == "s"


def test_an_indexed_name_has_every_index() -> None:
    text = r"Let $a_y = x^\top w_y + b_y$. $p_\gamma(y|x) = \exp(a_y) / \sum_{i=1}^k \exp(a_%s)$"
    assert marks("ps1/2", text % "i") == "h"
    assert marks("ps1/2", text % "y") == "f"


@pytest.mark.parametrize(
    ("item", "written"),
    [
        ("ps1/5.1", r"$\log = 0$"), ("ps1/5.1", "$E = 0$"), ("ps1/5.1", "$x = 5$"), ("ps1/5.1", "$N = 5$"),
        ("ps1/5.1", "$k = 1$"), ("ps1/5.1", "$p = 1$"), ("ps1/5.1", "$KL = 0$"), ("ps1/5.1", r"$\mathbb{E} = 3$"),
        ("ps1/5.1", "$p(x) = 3$"), ("ps1/5.1", "$A = 3$"), ("ps1/2", r"$p_\gamma = p_\theta$"),
        ("ps1/2", r"$\mu_1 = 0$"), ("midterm/6a", "$D = 1 - D$"), ("midterm/6a", "$L_{NS} = L_S$"),
        ("midterm/7f", "$Z(T) = 1$"), ("midterm/7f", "$T = 1$"), ("midterm/7f", "$p^T = p$"),
        ("midterm/7f", r"$\theta = 1$"), ("midterm/5d", r"$D_{KL} = 0$"), ("midterm/5d", r"$\text{ELBO} = 0$"),
    ],
)  # fmt: skip
def test_what_has_a_meaning_is_no_new_name(item: str, written: str) -> None:
    assert marks(item, f"Let {written}") in ("f", "u")
    assert marks(item, written) in ("f", "u")


def test_a_row_below_a_let_is_about_what_it_names() -> None:
    assert marks("ps1/5.1", "Let r = p(x)\n= 3\n\n" + SHOWN) == "suh"
    assert marks("ps1/5.1", "Let $r = p(x)$.\n\nLet $r = 2 p(x)$.") == "sf"
