r"""From a student's text to lines and pieces. Formulas as students typeset them; the prose around them is our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.derivation.text.lines import Line, Proof, Statement, read_lines
from grader.errors import Unreadable

ROOT = Path(__file__).parents[2]
DERIVATIONS = {"midterm": ("5d", "6a", "7f"), "ps1": ("1", "2", "5.1", "5.2")}


def spelled(line: Line) -> str:
    return " | ".join(f"{piece.relation} {piece.text}" if piece.relation else piece.text for piece in line.pieces)


def cut(text: str) -> list[str]:
    return [spelled(line) for line in read_lines(text).lines]


def only(text: str) -> Line:
    (line,) = read_lines(text).lines
    return line


def relations(text: str) -> list[str]:
    """Per line its relations, ``.`` where a statement begins."""
    return [" ".join(piece.relation or "." for piece in line.pieces) for line in read_lines(text).lines]


def statements(text: str) -> list[Statement]:
    return [statement for line in read_lines(text).lines for statement in line.statements]


def prose(line: Line) -> bool:
    return all(statement.prose for statement in line.statements)


def remarks(text: str) -> list[str]:
    return [remark for line in read_lines(text).lines for remark in line.remarks]


# the responses at hand


def response(who: str, assignment: str, item: str) -> str:
    place = ROOT / "submissions" / who / assignment
    if (place / "answers.yaml").exists():
        return _field(yaml.safe_load((place / "answers.yaml").read_text()), item)
    if (place / "answers.ipynb").exists():
        cells = json.loads((place / "answers.ipynb").read_text())["cells"]
        text = "\n".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "markdown")
        return text.partition(f"## {item}\n")[2].partition("\n## ")[0]
    return (place / "answers.tex").read_text().partition(rf"\section*{{{item}}}")[2].partition(r"\section")[0]


def _field(loaded: dict[Any, Any], item: str) -> str:
    answer = {str(key): value for key, value in loaded.items()}[item]
    for name in ("proof", "answer", "value"):
        answer = answer.get(name, answer) if isinstance(answer, dict) else answer
    return str(answer)


def reference(assignment: str, item: str) -> str:
    question = "".join(letter for letter in item.split(".")[0] if letter.isdigit())
    return _field(yaml.safe_load((ROOT / "reference" / assignment / f"{question}.yaml").read_text()), item)


START, ON = ". =", "="


@pytest.mark.parametrize(
    ("who", "assignment", "item", "expected", "said"),
    [
        ("alice", "midterm", "5d", [START, ON, ON, ON], []),
        ("alice", "midterm", "6a", [START, ON, ON, ON], ["log is increasing"]),
        ("alice", "midterm", "7f", [START, *[ON] * 4], [r"the first term has no \theta", "Z(T) > 0 is a constant"]),
        ("alice", "ps1", "1", [START, ON, ON, ON], [r"other term: no \theta"]),
        ("alice", "ps1", "2", [START, *[ON] * 5], []),
        ("alice", "ps1", "5.1", [START, *[ON] * 4], ["linearity"]),
        ("alice", "ps1", "5.2", [". <=", ON, ON], []),
        ("bob", "midterm", "5d", [START, ON, ON], []),
        ("bob", "midterm", "6a", [START, ON, ON], []),
        ("bob", "midterm", "7f", [START, ON, ON, ON], []),
        ("bob", "ps1", "1", [START, ON, ON, ON], ["tower rule"]),
        ("bob", "ps1", "2", [START, ON, ON, ON], []),
        ("bob", "ps1", "5.1", [START, ON, ON], []),
        ("bob", "ps1", "5.2", [". <=", START, "<="], ["proof: By Jensen's inequality", "so"]),
        ("carol", "midterm", "6a", [START, ON], []),
        ("carol", "midterm", "7f", [START, ON, ON], []),
        ("carol", "ps1", "1", [START, ON, ON], []),
        ("carol", "ps1", "2", [START], []),
        ("carol", "ps1", "5.1", [START, ON, ON], []),
        ("carol", "ps1", "5.2", [], []),
    ],
)
def test_the_responses_of_the_class(who: str, assignment: str, item: str, expected: list[str], said: list[str]) -> None:
    text = response(who, assignment, item)
    assert relations(text) == expected
    assert remarks(text) == said


@pytest.mark.parametrize(
    ("assignment", "item", "expected"),
    [
        ("midterm", "6a", [START, *[ON] * 3]),
        ("midterm", "5d", [".", *[ON] * 6]),
        ("midterm", "7f", [START, *[ON] * 6]),
        ("ps1", "1", [START, *[ON] * 4]),
        ("ps1", "2", [START, *[ON] * 7]),
        ("ps1", "5.1", [START, *[ON] * 4]),
        ("ps1", "5.2", [". <=", ON, ON, ON]),
    ],
)
def test_the_reference(assignment: str, item: str, expected: list[str]) -> None:
    assert relations(reference(assignment, item)) == expected


def test_the_words_around_a_display() -> None:
    assert read_lines(response("alice", "midterm", "5d")).remarks == (
        "Write $q$ for the encoder. Plug both factorisations into the ratio:",
    )
    assert read_lines(response("alice", "ps1", "1")).remarks == ("I go from the right side to the left.",)
    assert len(read_lines(response("alice", "ps1", "5.2")).remarks) == 1
    assert read_lines(response("carol", "midterm", "7f")).remarks == ("I ran out of time here.",)
    assert len(read_lines(reference("ps1", "5.2")).remarks) == 2
    bob = read_lines(response("bob", "midterm", "7f"))
    assert len(bob.remarks) == 2
    assert [line.opens for line in bob.lines] == [True, False, True, False]
    jensen = read_lines(response("bob", "ps1", "5.2")).lines
    assert [prose(line) for line in jensen] == [True, False, False]


# formulas of the two source papers, typeset as there

SOURCES = [
    (
        r"""$$\begin{aligned} ELBO &= E_{q(\mathbf{z}_{\leq T} | \mathbf{x}_{\leq T})} \left[ \log \left(
        \frac{p(\mathbf{x}_{\leq T}, \mathbf{z}_{\leq T})}{q(\mathbf{z}_{\leq T} | \mathbf{x}_{\leq T})} \right)
        \right] \\ \log \left( \frac{p(\mathbf{x}_{\leq T}, \mathbf{z}_{\leq T})}
        {q(\mathbf{z}_{\leq T} | \mathbf{x}_{\leq T})} \right)
        &= \sum_{t=1}^T (\log p(x_t | \mathbf{z}_{\leq t}, \mathbf{x}_{< t})) \end{aligned}$$
        The encoder has factors, and later ones can be summed out for steps $> t$:
        $$E_{q(\mathbf{z}_{\leq T} | \mathbf{x}_{\leq T})} [ a ]
        = E_{q(\mathbf{z}_{< t} | \mathbf{x}_{< t})} [ b ]$$""",
        [START, START, START],
        [],
    ),
    (
        r"""$$\begin{aligned} \arg \min_{\theta} \log(1 - D_\phi(G_\theta(\mathbf{z}))) &= \arg \max_{\theta}
        D_\phi(G_\theta(\mathbf{z})) \\ &= \arg \max_{\theta} \log(D_\phi(G_\theta(\mathbf{z}))) = \arg \min_{\theta}
        -\log(D_\phi(G_\theta(\mathbf{z}))) \end{aligned}$$""",
        [START, "= ="],
        [],
    ),
    (r"$$x < \frac{1}{2} \Rightarrow 2x < 1 \Rightarrow x < 1 - x \Rightarrow \frac{1}{1-x} < \frac{1}{x},$$",
     [". < . < . < . <"], []),
    (r"$$|J| = \frac{\partial f^{-1}(x, y)}{\partial(r, \theta)} = \begin{vmatrix} \cos \theta & -r \sin \theta \\ "
     r"\sin \theta & r \cos \theta \end{vmatrix} = r$$", [". = = ="], []),
    (r"$$\mathbb{E}_{\mathbf{x} \sim p} \left[ -e^{\frac{1-T}{T} \log p(\mathbf{x})} \log q_\theta(\mathbf{x}) \right] "
     r"\quad (\star)$$", ["."], []),
    (r"$$\min_{q_\theta} \text{KL}(p^T || q_\theta) = \min_{q_\theta} \mathbb{E}_{\mathbf{x} \sim p^T} "
     r"[\log p^T(\mathbf{x}) - \log q_\theta(\mathbf{x})]$$", [START], []),
    (
        r"""$$\begin{aligned} &= \arg \max_{\theta \in \Theta} \mathbb{E}_{\hat{p}(x,y)}[\log p_{\theta}(y|x)]
        \text{ due to law of total expectations} \end{aligned}$$""",
        [ON],
        ["due to law of total expectations"],
    ),
    (
        r"""$$\begin{aligned} p_\theta(x) &= \sum_{i=1}^k p_\theta(x|y_i) p_\theta(y_i) \text{ (the marginal
        distribution of } x \text{)} \\
        -\frac{1}{2\sigma^2} (x^T x) + \log(\pi_y) &= -\frac{1}{2\sigma^2} x^T x + \log(\pi_y) \\
        &= \text{constant} + \frac{\mu_y}{\sigma^2} x^T \\ w_y &= \frac{\mu_y}{\sigma^2} \\
        b_y &= \log(\pi_y) + \text{constant} \end{aligned}$$""",
        [START, START, ON, START, START],
        ["the marginal distribution of x"],
    ),
    (r"$$A(z^{(1)}, \dots, z^{(k)}) = \frac{1}{k} \sum_{i=1}^k p(x | z^{(i)}) \text{ where } z^{(i)} \sim p(z)$$",
     [START], [r"where z^{(i)} \sim p(z)"]),
    (r"$$\text{where } x_{<i} = \begin{cases} (x_1, \dots, x_{i-1})^T & \text{if } i > 1 \\ 0 & \text{if } i = 1 "
     r"\end{cases}$$", [START], ["where"]),
    (
        r"""$$\begin{aligned} f(\mathbb{E}[X]) &\leq \mathbb{E}[f(x)] \\ \log(\mathbb{E}[A]) &\leq \mathbb{E}[\log(A)]
        \\ \log(p(x)) &\leq \mathbb{E}[\log(A)] \end{aligned}$$""",
        [". <=", ". <=", ". <="],
        [],
    ),
    (r"$$p_T(x_i|x_{<i}) \propto e^{\frac{\log p(x_i|x_{<i})}{T}}$$", [". propto"], []),
    (r"$$\prod_{i=0}^M p_T(x_i|x_{<i}) \stackrel{?}{=} p_T^{joint}(x_0x_1...x_M)$$", [START], []),
    (
        r"""$$\begin{aligned} \prod_{i=0}^M p_T(x_i|x_{<i}) &= p_T(x_0) \cdot \dots \cdot p_T(x_M|x_0, \dots)
        \\
        &\propto e^{\frac{\log p(x_0)}{T}} \cdot \dots \cdot e^{\frac{\log p(x_M|x_{<M-1})}{T}} \\
        &= e^{\frac{\log p(x_0) + \dots + \log p(x_M|x_{<M-1})}{T}} \end{aligned}$$""",
        [START, "propto", ON],
        [],
    ),
    (r"Then $\|\frac{\partial a}{\partial b}\| > \|\frac{\partial c}{\partial b}\|$, where $x = D(G(\mathbf{z}))$.",
     [f". > {START}"], ["Then", "where"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "said"), SOURCES)
def test_the_source_papers(text: str, expected: list[str], said: list[str]) -> None:
    assert relations(text) == expected
    assert remarks(text) == said


# displays and rows


@pytest.mark.parametrize(
    "text",
    [
        r"$$a = b \\ = c$$",
        r"\[a = b \\[4pt] = c\]",
        r"\begin{align*} a &= b \\* &= c \end{align*}",
        r"\begin{equation}\begin{aligned}[t] a &= b \\ &= c \end{aligned}\end{equation}",
        r"$$\begin{split} a &= b \\ &= c \end{split}$$",
        r"\begin{eqnarray} a &=& b \\ &=& c \end{eqnarray}",
        r"\begin{alignat}{2} a &= b \\ &= c \end{alignat}",
        r"$\begin{aligned} a &= b \\ &= c \end{aligned}$",
        "$$\na\n=\nb \\\\\n= c\n$$",
        "$$a = b$$ and then \\[= c\\]",
        "a = b\n= c",
        "$a = b$\n$= c$",
        "`a = b`\n`= c`",
        r"a = b \\ = c",
        "a = b\r\n\t= c\u200b",
        "1. a = b\n2. = c",
        "- a = b\n- = c",
        "```math\na = b\n= c\n```",
        r"\begin{proof} $a = b$" + "\n= c\n" + r"\end{proof}",
        r"\begin{gather} a = b \nonumber \\ = c. \tag{1} \label{x=y} \end{gather}",
        "\\begin{align} a &= b % first = second\n\\\\ &= c \\qed \\end{align}",
    ],
)
def test_every_dress_of_two_lines(text: str) -> None:
    assert cut(text) == ["a | = b", "= c"]
    assert [line.number for line in read_lines(text).lines] == [1, 2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # no row ends within an array, within braces, or at an unescaped look-alike
        (r"$$f = \begin{cases} 1 & x = 0 \\ 0 & x > 0 \end{cases} \\ = g$$",
         [r"f | = \begin{cases} 1   x = 0 \\ 0   x > 0 \end{cases}", "= g"]),
        (r"$$\sum_{\substack{i = 1 \\ j = 2}} a = b$$", [r"\sum_{\substack{i = 1 \\ j = 2}} a | = b"]),
        # a row that goes on: an operator in front or behind, an open bracket
        (r"\begin{align} a &= b \\ &\quad + c \\ &= d \end{align}", ["a | = b\n \\quad + c", "= d"]),
        (r"\begin{multline} a = b + \\ c \end{multline}", ["a | = b +\nc"]),
        ("a = f(x,\n  y)\n= c", ["a | = f(x,\ny)", "= c"]),
        ("E[a(x)]\n- E[b(x)] = c", ["E[a(x)]\n- E[b(x)] | = c"]),
        # but not: a new equation that begins with a minus, a bracket never closed before the chain goes on
        ("a(x) = b(x)\n-c(x) = d(x)", ["a(x) | = b(x)", "-c(x) | = d(x)"]),
        (r"\begin{align} a &= b \\ -c &= d \end{align}", ["a | = b", "-c | = d"]),
        (r"\begin{aligned} & a = b \\ & -c = d \end{aligned}", ["a | = b", "-c | = d"]),
        ("a = f(x\n= c\n= d", ["a | = f(x", "= c", "= d"]),
        (r"\begin{aligned} a &= \frac{b \\ &= c \end{aligned}", [r"a | = \frac{b", "= c"]),
        ("Jensen (log is concave:\nE[log A] <= log E[A]", ["E[log A] | <= log E[A]"]),
        # a relation at the end of a row stands before the next
        (r"$$a = \\ b$$", ["a", "= b"]),
        ("E[a] =\n= b(x)", ["E[a]", "= b(x)"]),
        ("E[a] <=", ["E[a] | <= "]),
        ("E[a] = b(x)\n- by Jensen\n= c", ["E[a] | = b(x)", "= c"]),
        # text in paragraphs with marks
        ("E[A]\n &= \\frac{1}{k}\n   E[p(x|z)] \\\\\n &= p(x)", ["E[A]", "= \\frac{1}{k}\nE[p(x|z)]", "= p(x)"]),
        ("We use $p(x, z)\n= p(z) p(x|z)$ here.", ["p(x, z) | = p(z) p(x|z)"]),
        (r"\begin{aligned} a &= b", ["a | = b"]),
        ("$$\\begin{aligned} a &= b \\end{aligned}\n\\begin{aligned} c &= d \\end{aligned}$$", ["a | = b", "c | = d"]),
    ],
)  # fmt: skip
def test_rows(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_numbers_go_on_and_chains_open() -> None:
    proof = read_lines(
        "Some words.\nE[a] = b(x)\n= c\n\n= d\n$$e = f \\\\ = g$$\nMore words here.\n$$\\text{so it is}$$"
    )
    assert [line.number for line in proof.lines] == [1, 2, 3, 4, 5]
    assert [line.opens for line in proof.lines] == [True, False, True, True, False]
    assert proof.remarks == ("Some words.", "More words here.", "so it is")


def test_intertext_parts_a_display() -> None:
    proof = read_lines(r"\begin{align} a &= b \\ \intertext{Now $x = y$ comes in.} c &= d \end{align}")
    assert [spelled(line) for line in proof.lines] == ["a | = b", "c | = d"]
    assert [line.opens for line in proof.lines] == [True, True]
    assert proof.remarks == ("Now x = y comes in",)


# relations


@pytest.mark.parametrize(
    ("relation", "spellings"),
    [
        ("=", ["=", "==", r"\equiv ", r"\stackrel{?}{=}", r"\overset{(a)}{=}", ":=", r"\triangleq ", r"=^{(2)}"]),
        ("<=", ["<=", "≤", r"\le ", r"\leq ", r"\leqslant ", r"\stackrel{\text{Jensen}}{\le}"]),
        (">=", [">=", "≥", r"\ge ", r"\geq "]),
        ("<", ["<", r"\lt "]),
        (">", [">", r"\gt "]),
        ("!=", ["!=", "≠", r"\ne ", r"\neq ", r"\not= ", r"\not\equiv "]),
        ("propto", [r"\propto ", "∝", " is proportional to ", " proportional to "]),
        ("iff", [r"\iff ", r"\Leftrightarrow ", r"\Longleftrightarrow ", "<=>", "⇔", " if and only if ",
                 " is equivalent to ", r"\text{ is equivalent to }", " equivalently "]),
    ],
)  # fmt: skip
def test_spellings_of_relations(relation: str, spellings: list[str]) -> None:
    for spelling in spellings:
        for text in (f"f(x){spelling}g(x)", f"$$f(x){spelling}g(x)$$"):
            assert cut(text) == [f"f(x) | {relation} g(x)"], text


@pytest.mark.parametrize(
    "formula",
    [
        r"p(x_{<t} | z_{\le t})", "p(x_<t | y=1)", r"\sum_{t=1}^T x_<t", r"x_\le t", r"\{x : x > 0\}",
        r"E_{x~p}[x = 1]",
        r"\left( a < b \right)", r"\left\{ a = b \right.", r"\left< a, b \right>", r"\min_{q \ne p} f", r"a \to b",
        r"x \sim p", r"x \in X", r"a \approx b", "a -> b(x)", r"\frac{a = b}{c}", r"\underbrace{a}_{= 1}", "[x > 0]",
        r"\overset{=}{a}", r"\begin{pmatrix} a = b \\ c \end{pmatrix}", r"z_< t", "1 << f(x)", r"\leftarrow f(x)",
        r"\text{KL}(p \| q)", r"D_{KL}(p || q)", r"\|x\|^2", "(0, 1]", r"\mathbb{E}_{p = q}[f]",
        r"\lbrace a = b \rbrace",
        r"p_\text{data}(x)", r"p_\mathrm{a = b}(x)", r"(a = b", r"(a {b) = c} = d",
    ],
)  # fmt: skip
def test_no_relation_of_the_line(formula: str) -> None:
    assert cut(f"$${formula}$$") == [formula]


def test_what_is_written_over_a_relation_is_a_remark() -> None:
    line = only(r"$$a \stackrel{\text{by Jensen}}{\le} b \overset{(a)}{=} c =^{(b)} d \stackrel{?}{=} e$$")
    assert spelled(line) == "a | <= b | = c | = d | = e"
    assert line.remarks == ("by Jensen", "a", "b")


# statements in one row


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w_y = a, b_y = c", "w_y | = a | b_y | = c"),
        ("w_y = a; b_y = c", "w_y | = a | b_y | = c"),
        ("w_y = a and b_y = c(x)", "w_y | = a | b_y | = c(x)"),
        (r"$$w_y = a \quad b_y = c$$", "w_y | = a | b_y | = c"),
        (r"$$w_y = a \text{ and } b_y = c$$", "w_y | = a | b_y | = c"),
        (r"\begin{align} a &= b && c &= d \end{align}", "a | = b | c | = d"),
        (r"$$a = b \implies c = d$$", "a | = b | c | = d"),
        ("E[a] = b => c < d", "E[a] | = b | c | < d"),
        ("E[a] = b(x), so log E[a] = log b(x)", "E[a] | = b(x) | log E[a] | = log b(x)"),
        (r"$$a = b, \text{ hence } c = d$$", "a | = b | c | = d"),
        (r"$$f = g \iff h = k$$", "f | = g | iff h | = k"),
        # one statement all the same
        (r"$$a = b \implies c$$", r"a | = b \implies c"),
        (r"$$a = b \quad \le c$$", "a | = b | <= c"),
        (r"$$a = b \Rightarrow = c$$", "a | = b | = c"),
        ("f(x, y) = b, c", "f(x, y) | = b, c"),
        ("w = f(a), b, c = d", "w | = f(a), b | c | = d"),
        ("E[a] = b iff we have c(x) = d", "E[a] | = b | iff c(x) | = d"),
        ("E[a] = b, since c = d", "E[a] | = b"),
        (r"$$\gamma = w_1, \dots, w_k$$", r"\gamma | = w_1, \dots, w_k"),
        (r"\begin{align} a &&= b \end{align}", "a | = b"),
        (r"$$a = b, \quad i = 1, \dots, k$$", "a | = b"),
        (r"$$a = f(z), \quad z \sim p(z)$$", "a | = f(z)"),
        (r"$$a = b \quad \forall x$$", "a | = b"),
        (r"$$\forall x: a(x) = b(x)$$", "a(x) | = b(x)"),
        (r"$$\therefore a = b \quad \blacksquare$$", "a | = b"),
        ("=> f(x) = b", "f(x) | = b"),
    ],
)
def test_statements(text: str, expected: str) -> None:
    assert cut(text) == [expected]


# words


@pytest.mark.parametrize(
    ("text", "formula", "said"),
    [
        ("E_p[a] - E_q[b] = KL(p(x) || q(x))   by definition",
         "E_p[a] - E_q[b] | = KL(p(x) || q(x))", ["by definition"]),
        ("E[log A] <= log E[A] (Jensen)", "E[log A] | <= log E[A]", ["Jensen"]),
        ("E[log A] <= log E[A] Jensen's inequality", "E[log A] | <= log E[A]", ["Jensen's inequality"]),
        ("E[A] = p(x) [linearity of expectation]", "E[A] | = p(x)", ["linearity of expectation"]),
        ("E[A] = p(x)\t(by 5.1)", "E[A] | = p(x)", ["by 5.1"]),
        ("E[A] = p(x) # by 5.1", "E[A] | = p(x)", ["by 5.1"]),
        ("E[A] = p(x), since z ~ p = q", "E[A] | = p(x)", ["since z ~ p = q"]),
        ("E[log A] < log E[A] unless A is constant", "E[log A] | < log E[A]", ["unless A is constant"]),
        ("E[A] by linearity = p(x)", "E[A] | = p(x)", ["by linearity"]),
        ("E[A] = p(x), where p(x) = c", "E[A] | = p(x)", ["where p(x) = c"]),
        ("E[A] = p(x) by Jensen, hence c(x) = d", "E[A] | = p(x) | c(x) | = d", ["by Jensen", "hence"]),
        ("a(x) = (1 - D) (the first term has no theta)", "a(x) | = (1 - D)", ["the first term has no theta"]),
        (r"$$a = b \quad \text{(Jensen)} \quad (\star)$$", "a | = b", ["Jensen"]),
        (r"$$a = b \quad \text{by } \log x = y$$", "a | = b", [r"by \log x = y"]),
        (r"\begin{align} a &= b && \text{no } \theta \end{align}", "a | = b", [r"no \theta"]),
        (r"\begin{align} a &= b & \text{(1) and (2)} \tag{Jensen} \end{align}", "a | = b", ["(1) and (2)", "Jensen"]),
        (r"$$a = b \because c = d$$", "a | = b", ["c = d"]),
        ("Therefore, E[A] = p(x).", "E[A] | = p(x)", ["Therefore"]),
        ("We have E[A] = p(x)", "E[A] | = p(x)", ["We have"]),
        ("By Jensen's inequality, E[log A] <= log E[A]", "E[log A] | <= log E[A]", ["By Jensen's inequality"]),
        ("Since log is concave, E[log A] <= log E[A]", "E[log A] | <= log E[A]", ["Since log is concave"]),
        (r"$$\text{Therefore } a = b$$", "a | = b", ["Therefore"]),
        ("which is = p(x)", "= p(x)", ["which is"]),
        ("LHS: E[A] = p(x)", "E[A] | = p(x)", ["LHS"]),
        ("Step 3: E[A] = p(x)", "E[A] | = p(x)", ["Step 3"]),
        ("Step 3. E[A] = p(x)", "E[A] | = p(x)", ["Step 3"]),
        ("(a) E[A] = p(x)", "E[A] | = p(x)", []),
        ("Thus $E[A] = p(x)$ by 5.1.", "E[A] | = p(x)", ["Thus", "by 5.1"]),
        ("$E[A]$ = $p(x)$ by 5.1", "E[A] | = p(x)", ["by 5.1"]),
        ("E[A] = p(x). Q.E.D.", "E[A] | = p(x)", []),
        # words that belong to the formula
        (r"$$\text{ELBO} = \text{const} + \text{KL}(p\|q)$$", r"\text{ELBO} | = \text{const} + \text{KL}(p\|q)", []),
        (r"$$\text{LHS} = b$$", r"\text{LHS} | = b", []),
        (r"$$a = b + \text{constant}$$", r"a | = b + \text{constant}", []),
        (r"$$a = E_{x \sim p_\text{data}}[x] + p_\text{the data}$$",
         r"a | = E_{x \sim p_\text{data}}[x] + p_\text{the data}", []),
        (r"$$a = b \text{ + const}$$", r"a | = b \text{ + const}", []),
        (r"$$a = b \text{ + noise}$$", r"a | = b \text{ + noise}", []),
        ("a(x) = b + (something else)", "a(x) | = b + (something else)", []),
        (r"$$a = b \text{ if } c > 0$$", r"a | = b \text{ if } c > 0", []),
        (r"$$\text{So the loss } = c$$", r"\text{So the loss } | = c", []),
        ("E[A] = p(x) Zinv", "E[A] | = p(x) Zinv", []),
        ("E[A] = E[reward] (x)", "E[A] | = E[reward] (x)", []),
        ("argmin_theta KL(p || q) = argmin_theta log theta", "argmin_theta KL(p || q) | = argmin_theta log theta", []),
        ("(x) = (1 - D)", "(x) | = (1 - D)", []),
        ("- E[A] = p(x)", "- E[A] | = p(x)", []),
        ("LHS = E[A]", "LHS | = E[A]", []),
    ],
)  # fmt: skip
def test_words_and_formulas(text: str, formula: str, said: list[str]) -> None:
    line = only(text)
    assert spelled(line) == formula
    assert list(line.remarks) == said
    assert not prose(line)


@pytest.mark.parametrize(
    "text",
    [
        "This follows because q factorises.",
        "I go from the right side to the left.",
        "Jensen for the concave function log (equality only if A is constant), then 5.1:",
        "Write $q$ for the encoder.",
        "The left-hand side is equivalent to a well-known bound.",
        "both are equal for k = 1 only",
        "If q(z) = p(z), then KL(q || p) = 0",
        "For $k = 1$ both are equal: $E[A] = p(x)$.",
        "We know when $T = 1$.",
        "by Jensen",
        "- by Jensen",
        "Proof",
        "$$\\text{by the tower rule}$$",
        "Here $x \\in X$ and $z_{<t}$ are given",
    ],
)
def test_words_alone(text: str) -> None:
    proof = read_lines(text)
    assert proof.lines == ()
    assert len(proof.remarks) == 1


@pytest.mark.parametrize(
    "text", ["", "\n\n", "---", "Q.E.D.", "$$ $$", "```\n```", "∎", "\\begin{aligned}\\end{aligned}"]
)
def test_nothing(text: str) -> None:
    assert read_lines(text) == Proof((), ())


def test_sentences_with_formulas() -> None:
    line = only("By Jensen $f(a) \\le b$, as $q$ has mass, and $\\sum_z q(z) = 1$ holds too.")
    assert relations(line.text) == [". <= . ="]
    assert spelled(line) == r"f(a) | <= b | \sum_z q(z) | = 1"
    assert line.remarks == ("By Jensen", "as q has mass, and", "holds too")
    assert prose(line)
    for piece in line.pieces:
        assert line.text[piece.start :].startswith(piece.text)
    assert prose(only("Note $q(z) \\ge 0$ whatever happens"))
    assert prose(only("Because KL(p || q) >= 0 we may drop it"))
    assert not prose(only("$q(z) \\ge 0$"))


# definitions


@pytest.mark.parametrize(
    ("text", "naming"),
    [
        ("Let A = 1/k sum_i p(x | z^(i))", True),
        ("Define A = f(x)", True),
        ("where Z(T) = sum_x p(x)^(1/T)", True),
        ("Now let A = f(x)", True),
        ("A := f(x)", True),
        (r"$$A \triangleq f(x)$$", True),
        (r"$$A \overset{\text{def}}{=} f(x)$$", True),
        (r"$$p(x) \equiv q(x)$$", True),
        (r"$$\text{with } w_y = \mu_y$$", True),
        (r"Let $w_y = \mu_y / \sigma^2$.", True),
        (r"where $\mathcal{L}_S(\theta) = f(\theta)$", True),
        ("where E[A] + c = p(x)", False),
        (r"where $\sum_y \pi_y = 1$", False),
        (r"for a scalar $T > 0$ we let it be", False),
        ("Let us start: E[A] = p(x)", False),
        ("Thus A = f(x)", False),
        (r"$$a + b \equiv c$$", False),
        (r"$$\equiv c$$", False),
        ("E[A] = p(x), where p = q", False),
    ],
)
def test_definitions(text: str, naming: bool) -> None:
    assert [statement.naming for statement in statements(text)] == [naming] * len(statements(text))


def test_two_definitions_in_a_sentence() -> None:
    assert [statement.naming for statement in statements("Let $w_y = a$ and $b_y = c$.")] == [True, True]


# places and bounds


def test_pieces_stand_where_they_say() -> None:
    line = only("Hence E[A] = p(x) + q(x)   by 5.1")
    assert [(piece.text, line.text[piece.start :][: len(piece.text)]) for piece in line.pieces] == [
        ("E[A]", "E[A]"),
        ("p(x) + q(x)", "p(x) + q(x)"),
    ]


def test_too_many_lines() -> None:
    assert len(read_lines("f(x) = b\n" * 200).lines) == 200
    with pytest.raises(Unreadable, match="200 lines"):
        read_lines("f(x) = b\n" * 201)


TOKENS = [
    *r"""$$ $ \[ \] \( \) \\ & && = <= < > \le \iff \implies => ( ) [ ] { } \{ \} \left( \right) \right. \left \right |
    \| _ ^ \text{ \overset{a}{=} \stackrel \quad , ; . : a x E[A] p(x) 1 + - * / by since if so Let where then
    and # ` ... \begin{aligned} \end{aligned} \begin{cases} \end{cases} \begin \end \intertext{so} \tag{1} %
    \because ∎ \ """.split(),
    *[r"\text{by Jensen}", " ", "  ", "\n", "\n\n", "\r\n", "\t", "\u200b"],
]


def sound(proof: Proof) -> None:
    assert [line.number for line in proof.lines] == list(range(1, len(proof.lines) + 1))
    for line in proof.lines:
        assert line.pieces
        for piece in line.pieces:
            assert 0 <= piece.start <= len(line.text)
            squeezed = line.text[piece.start :][: len(piece.text)]
            assert all(kept in (" ", written) for kept, written in zip(piece.text, squeezed, strict=True))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=30))
def test_any_text_is_read(parts: list[str]) -> None:
    sound(read_lines("".join(parts)))
    sound(read_lines(" ".join(parts)))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_any_letters_are_read(text: str) -> None:
    sound(read_lines(text))


def every_response() -> Iterator[str]:
    for assignment, items in DERIVATIONS.items():
        for item in items:
            yield reference(assignment, item)
            for who in ("alice", "bob", "carol"):
                if (who, item) != ("carol", "5d"):
                    yield response(who, assignment, item)


def test_every_beginning_is_read() -> None:
    for text in every_response():
        for end in range(0, len(text), 101):
            sound(read_lines(text[:end]))


UNITS = [
    "$a$",
    "(",
    "{",
    "- ",
    "a = b, ",
    r"\left(",
    "so f = g ",
    "a  ",
    r"\(a",
    "-",
    "`a",
    r"\text{a b}",
    r"\begin{a}",
]
