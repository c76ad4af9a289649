"""Formulas, prose and code as markup: what must typeset does, and nothing that anyone writes becomes markup."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.reports import typesetting
from grader.reports.typesetting import mathml, splitting
from grader.reports.typesetting.splitting import Formula

ROOT = Path(__file__).parents[2]
HTML = set("p ul ol li strong em code br pre span div table thead tbody tr th td".split())
MATHML = set(
    "math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt msub msubsup "
    "msup mtable mtd mtext mtr munder munderover".split()
)
HARMLESS = {"class", "start", *mathml._ATTRIBUTES}
MAKERS = [
    typesetting.formula,
    lambda text: typesetting.formula(text, True),
    typesetting.prose,
    typesetting.sentence,
    typesetting.code,
    lambda text: typesetting.code(text, "latex"),
]


def checked(markup: str) -> ElementTree.Element:
    """The markup as XML, which holds nothing that is not on the lists."""
    root = ElementTree.fromstring(f"<all>{markup}</all>")
    for element in list(root.iter())[1:]:
        assert element.tag in HTML | MATHML
        assert set(element.attrib) <= HARMLESS
        assert not any(re.search(r"[:;(]", value) for value in element.attrib.values())
    return root


def fallen_back(markup: str) -> bool:
    return 'class="tex"' in markup or "<merror" in markup


# --- whatever is written ---

ALPHABET = st.one_of(
    st.characters(),
    st.sampled_from(
        r"$ $$ \( \) \[ \] \\ & { } ^ _ | ` ``` ~~~ * ** # - + 1. < "
        r"<script> <b> ]]> &lt; &x; <!-- \frac \left( \right) \text{ "
        r"\begin{aligned} \begin{align} \end{align} \sqrt \def \tag{ \intertext{ \substack{ \color{ \label{ "
        r"\hspace{ \href{ % ' x y 1 = α ℝ".split()
    ),
    st.sampled_from(
        ["\n", "\n\n", " ", "\t", "    ", "\x00", "\x1b[2J", "\ud800", "\u202e", "\ue000", "\ue0000\ue001"]
    ),
)


@given(st.lists(ALPHABET, max_size=25).map("".join))
@settings(max_examples=120, deadline=None)
def test_any_text_becomes_markup_from_the_lists(text: str) -> None:
    for make in MAKERS:
        checked(make(text))


@given(st.lists(ALPHABET, max_size=25).map("".join))
@settings(max_examples=100, deadline=None)
def test_pieces_joined_again_are_the_text(text: str) -> None:
    assert "".join(p.source if isinstance(p, Formula) else p for p in splitting.split(text)) == text


HOSTILE = [
    r"\text{<script>alert(1)</script>}",
    r"\text{</mtext></math><img src=x onerror=alert(1)>}",
    r"\href{javascript:alert(1)}{x}",
    r"\htmlClass{a}{x}\htmlStyle{color:red}{x}\htmlData{a=b}{x}",
    r"\unicode{x3c}\char60 \url{http://a.example}\includegraphics{http://a.example/x}",
    r"\color{red;background:url(http://a.example)}x",
    r"\label{\"onclick=alert(1)}\tag{<b>}",
    r"\hspace{-1000em}x\raisebox{1000em}{y}",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)> <a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1)) ![x](http://a.example/x.png) <http://a.example> http://a.example",
    "[x]: http://a.example\n\n[x]",
    "]]> <!-- --> <?xml ?> <![CDATA[",
    "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;'>]> &c; &#0; &#x1b; &nbsp;",
    r"\def\x{\x\x}\x",
    r"\newcommand{\x}{\hat\x}\x",
    "`<b>` ```<b>\n```html\n<b onclick=x>\n```",
    '```"><script>\nx\n```',
    "a \u202eevil\u202c \u200f b \x1b]0;t\x07 \x9b2J \x00 \ud800 \ue0000\ue001 \ue00099\ue001",
    "| a |\n|:-\"onclick='x'|\n| b |",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("around", ["{}", "${}$", "$${}$$", r"\begin{{aligned}}{}\end{{aligned}}"])
def test_hostile_text_stays_text(text: str, around: str) -> None:
    for make in MAKERS:
        made = str(make(around.format(text)))
        checked(made)
        assert not re.search(r"[\x00-\x08\x1b\x9b\u202e\u200f\ud800\ue000-\ue004]", made)


DEEP = [
    "{" * 100_000,
    "{" * 9_999,
    "{" * 4_999 + "x" + "}" * 4_999,
    r"\frac1" * 1_600 + "x",
    r"\sqrt[" * 1_600,
    r"\left(" * 750 + r"\right)" * 750,
    r"\begin{matrix}" * 380,
    r"\color{red}x" * 800,
    r"\sideset\mathbf'\frac^" * 400,
    r"x^{" * 2_400,
    r"\begin{align}" * 1_500,
    "$" * 20_000,
    "$x" * 10_000,
    "`" * 20_000,
    "*a **b " * 5_000,
    "- " * 500 + "hidden",
    r"\intertext{" * 900,
    r"\newcommand{\x}[1]{" + "{" * 2_000 + "#1" + "}" * 2_001 + r"\x{" * 900 + "}" * 900,
]


def test_depth_and_length_break_nothing() -> None:
    """In a process of its own: a native stack that runs over takes the process with it."""
    script = (
        "import json, sys; from grader.reports import typesetting as t\n"
        "for x in json.load(sys.stdin):\n  t.formula(x), t.formula(x, True), t.prose(x), t.sentence(x)\nprint('alive')"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(DEEP), capture_output=True, text=True, cwd=ROOT
    )
    assert (run.returncode, run.stdout) == (0, "alive\n"), run.stderr[-500:]


def test_mathml_from_elsewhere_is_no_more_than_text() -> None:
    for made in (
        "<math><script>x</script></math>",
        "<math><mi>x</mi><maction actiontype='toggle'><mi>y</mi></maction></math>",
        "<math><semantics><annotation-xml encoding='text/html'><b>x</b></annotation-xml></semantics></math>",
        "<math></math><script/>",
        "<mi>x</mi>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><math>&b;</math>",
        "<math>" + "<mrow>" * 300 + "</mrow>" * 300 + "</math>",
        "<math><mi>x</math>",
    ):
        assert mathml._Rewriter().rewritten(made) is None
    kept = (
        "<math href='js:x' onclick='x'><mi style='top:0' mathvariant='normal'>x</mi><mspace width='99em9'/>"
        "<mspace width='-30em'/></math>"
    )
    assert (
        mathml._Rewriter().rewritten(kept)
        == '<math><mi mathvariant="normal">x</mi><mspace></mspace><mspace></mspace></math>'
    )


def test_a_fault_of_the_library_costs_one_formula() -> None:
    class Panic(BaseException):
        pass

    class Faulty:
        def convert_with_local_state(self, latex: str, *, displaystyle: bool) -> str:
            raise Panic

    assert mathml._tried(Faulty(), "x", False) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "latex", ["(" * 60, r"\{" * 4_000, "⟨" * 90, r"\lceil " * 40], ids=["round", "curly", "angle", "ceiling"]
)
def test_a_formula_on_which_the_library_hangs_is_its_own_source(monkeypatch: pytest.MonkeyPatch, latex: str) -> None:
    """Each bracket that never closes doubles the time that it takes. After a few of them nobody waits any more."""
    monkeypatch.setattr(mathml, "_DEADLINE", 0.05)
    monkeypatch.setattr(mathml, "_MOST_LOST", 1)
    typesetting.new_page()
    assert fallen_back(typesetting.formula(latex))
    assert mathml._patience.lost == 1
    assert fallen_back(typesetting.formula("(a+b)" * 30))
    typesetting.new_page()
    assert not fallen_back(typesetting.formula("(a+c)" * 30))


@pytest.mark.parametrize("mark", [".", ",", "?", "):", "!"])
def test_a_mark_stays_beside_its_formula(mark: str) -> None:
    assert re.search(
        rf'<span class="kept">\(?<math>.*</math>{re.escape(mark)}</span> b', typesetting.sentence(f"a ($x${mark} b")
    )
    assert "kept" not in typesetting.sentence(f"$x$ b{mark}")
    assert "kept" not in typesetting.sentence(rf"$\left(x${mark}")


# --- the course ---


def texts(found: object) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for value in found.values():
            yield from texts(value)
    elif isinstance(found, list):
        for value in found:
            yield from texts(value)


def responses(found: object) -> Iterator[str]:
    if isinstance(found, dict):
        yield from (value for key, value in found.items() if key == "response" and isinstance(value, str))
        found = list(found.values())
    if isinstance(found, list):
        for value in found:
            yield from responses(value)


def loaded(path: Path) -> object:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@pytest.mark.parametrize("folder", ["problems", "reference"])
def test_every_formula_of_the_course_is_typeset(folder: str) -> None:
    written = {
        text
        for path in (ROOT / folder).rglob("*.yaml")
        for text in texts(loaded(path))
        if "$" in text or "\\begin" in text
    }
    assert len(written) > 50
    for text in written:
        made = typesetting.prose(text)
        checked(made)
        assert not fallen_back(made), text
        assert "$" not in made, text


def test_students_proofs_are_typeset() -> None:
    """All but two: a command defined elsewhere, shown by its name; a bracket that never closes, as source."""
    chains = [text for path in (ROOT / "tests/derivation/chains").glob("*.yaml") for text in responses(loaded(path))]
    made = [typesetting.prose(text) for text in chains]
    for markup in made:
        checked(markup)
    assert len(made) > 400
    assert sum("<math" in markup for markup in made) > 350
    fallen = [markup for markup in made if fallen_back(markup)]
    assert len(fallen) == 2
    assert sum(r"<mtext>\zi</mtext>" in markup for markup in fallen) == 1


# --- formulas ---


@pytest.mark.parametrize("around", ["{}", "${}$", r"\({}\)", "$${}$$", r"\[{}\]", " $ {} $\n"])
def test_delimiters_around_a_formula_make_no_difference(around: str) -> None:
    assert typesetting.formula(around.format(r"\frac{1}{5}")) == typesetting.formula(r"\frac{1}{5}")


@pytest.mark.parametrize(
    "latex",
    [
        r"\operatorname*{arg\,min}_{q} f",
        r"\mathbb{E}_{x \sim p}\left[\frac{a}{b} \middle| c\right]",
        r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}",
        r"\begin{cases} a & x > 0 \\ b & \text{else} \end{cases}",
        r"a &= b \\ &\le c \tag{Jensen}",
        r"\begin{eqnarray*} a &=& b \\ &\le& c \end{eqnarray*}",
        r"\begin{equation}\begin{split} a &= b \end{split}\label{x}\end{equation}",
        r"\begin{alignat*}{2} a &= b & c &= d \end{alignat*}",
        r"\mathop{\mathrm{arg\,max}}\limits_\theta L + \underset{\theta}{\max} L",
        r"\E_{\substack{z_1 \\ z_2}}[\KL \given \nicefrac{1}{2}] + \mathbbm{1} + \abs{x}",
        r"\boxed{x} + \big| y \Big\| + \lvert z \rvert \coloneqq \mathbf{w}",
        r"\text{since $x$ & y_1 are 50% (\#1)} + 50\%",
        "𝔼 [θ] ≤ ∑ x",
    ],
)
def test_what_students_write_is_typeset(latex: str) -> None:
    for display in (False, True):
        made = typesetting.formula(latex, display)
        checked(made)
        assert not fallen_back(made)


def test_rows_are_aligned_at_their_relations() -> None:
    root = checked(typesetting.formula(r"\begin{align} a + b &= c \\ &= d \nonumber \end{align}", True))
    rows = [["".join(cell.itertext()) for cell in row] for row in root.iter("mtr")]
    assert rows == [["a+b", "=c"], ["", "=d"]]
    assert [cell.get("class") for cell in root.iter("mtd")] == ["right no-right", "left no-left"] * 2


def test_text_between_rows_stands_between_them() -> None:
    made = typesetting.formula(r"\begin{align*} a &= b \\ \intertext{and, since $x$ is small,} &= c \end{align*}", True)
    root = checked(made)
    assert len(root.findall("span[@class='formula']")) == 3
    assert "and, since x is small," in "".join(root.itertext()).replace("\xa0", " ")


def test_what_cannot_be_typeset_is_its_own_source() -> None:
    assert typesetting.formula(r"\left(x<y") == r'<code class="tex">\left(x&lt;y</code>'
    assert typesetting.sentence(r"so $\left(x$ holds") == r'so <code class="tex">\left(x</code> holds'
    assert typesetting.formula("") == '<code class="tex"></code>'


# --- prose ---


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("it costs $5 and $10", "it costs $5 and $10"),
        ("$20,$30 and US$ 7", "$20,$30 and US$ 7"),
        ("a stray $ sign, then more words and $x is open", "a stray $ sign, then more words and $x is open"),
        (r"escaped \$x\$", "escaped $x$"),
        ("p_X and q_Y, __init__, _a_ and 2*x*y**2*(z)", "p_X and q_Y, __init__, _a_ and 2*x*y**2*(z)"),
        ("`$x$` and `a_1*b*c`", "<code>$x$</code> and <code>a_1*b*c</code>"),
        ("**so** *it* is <b>", "<strong>so</strong> <em>it</em> is &lt;b&gt;"),
    ],
)
def test_sentences(text: str, shown: str) -> None:
    assert typesetting.sentence(text) == shown


def test_formulas_stand_in_sentences_lists_and_tables() -> None:
    made = checked(
        typesetting.prose(
            "Let $p(x|z)$:\n\n- \\(a_1\\) *so*\n\n| $a|b$ | `x|y` |\n|--:|---|\n| $p_X$ | b |\n\n$$\nx\n= y\n$$"
        )
    )
    assert len(list(made.iter("math"))) == 5
    assert [cell.get("class") for cell in made.iter("th")] == ["right", None]
    assert [code.text for code in made.iter("code")] == ["x|y"]
    assert made.find("p/span[@class='formula']/math").get("display") == "block"  # type: ignore[union-attr]


def test_lines_of_a_computation_keep_their_lines() -> None:
    assert typesetting.prose("a\n= b\nand so") == "<p>a<br />\n= b\nand so</p>\n"


def test_code_in_prose_is_as_it_was() -> None:
    made = typesetting.prose("```python\nx_1 = a*b*c  # $y$ <b>\n```\n\n~~~\n$z_1$\n~~~")
    assert ["".join(pre.itertext()) for pre in checked(made).iter("pre")] == ["x_1 = a*b*c  # $y$ <b>\n", "$z_1$\n"]


@pytest.mark.parametrize("text", ["- " * 80 + "hidden", "| a |\n|---|\n| b | hidden |", "x " * 30_000 + "hidden"])
def test_nothing_is_left_out(text: str) -> None:
    assert "hidden" in typesetting.prose(text)
    assert "hidden" in typesetting.sentence(text)


def test_listings_are_marked_by_classes() -> None:
    made = typesetting.code("\n\ndef f():\n    return '<b>'\n")
    assert '<span class="hl-k">def</span>' in made
    assert "".join(checked(made).itertext()) == "\n\ndef f():\n    return '<b>'\n"
    assert typesetting.code("<b>", "no such \"language'") == '<pre class="code"><code>&lt;b&gt;</code></pre>'


def test_styles_bring_nothing_from_elsewhere() -> None:
    css = typesetting.styles()
    assert "prefers-color-scheme: dark" in css
    assert "@media print" in css
    assert not re.search(r"url\(|@import|@font-face|</", css)
