"""Responses that mean harm: every kind ends with a status, none gives a mark."""

from __future__ import annotations

import builtins
import subprocess
import sys

import pytest
import sympy
import sympy.parsing.sympy_parser

from grader.checkers import CHECKERS, JUDGED, judge
from grader.submission import Response
from tests.checkers.common import a_field_of

CODE = [
    "__import__('os')",
    '__import__("os").system("touch /tmp/x")',
    "eval('1/15')",
    "exec('x=1')",
    "().__class__.__bases__[0].__subclasses__()",
    "open('/etc/passwd').read()",
    "lambda: 1/15",
    "[1 for _ in ()]",
    "1/15 if True else 0",
    "import os; 1/15",
    "os.system('ls')",
    "f'{1/15}'",
    "globals()['key']",
    "getattr(1, 'real')",
    "\\input{/etc/passwd}",
    "\\write18{ls}",
    "\\def\\x{\\x\\x}\\x",
    "{{7*7}}{% for x in y %}",
    "<script>alert(1)</script>",
    "${jndi:ldap://x}",
    "=cmd|' /C calc'!A0",
    "!!python/object/apply:os.system ['ls']",
]
HUGE = [
    "9^9^9^9",
    "9**9**9**9",
    "(((9^9)^9)^9)^9",
    "factorial(10^9)",
    "(10^9)!",
    "((3!)!)!",
    "(((3!)!)!)!",
    "sum(i, i=1..10^9)",
    "sum(1, i=-10^9..10^9)",
    "prod(i, i=1..10^9)",
    "sum(1, i=1..infinity)",
    "sum(sum(sum(1, i=1..400), j=1..400), l=1..400)",
    "prod(10^399, i=1..400)^400",
    "1*2*...*10^9",
    "binom(10^9, 5*10^8)",
    "exp(exp(exp(exp(10))))",
    "exp(10^9)",
    "sin(10^(10^5))",
    "cos(exp(1000))",
    "tan(pi/2)",
    "10^(10^400)",
    "(1 + 10^(-400))^(10^400)",
    "2^0.5^0.5^0.5",
    "(2^(1/3))^(10^12)",
    "1e999999999",
    "1e-999999999",
    "1e400",
    "9" * 400 + "^" + "9" * 400,
    "9" * 1999,
    "1/0",
    "0/0",
    "0^(-1)",
    "log(0)",
    "sqrt(-1)",
    "infinity",
    "-infinity",
    "infinity - infinity",
    "infinity/infinity",
    "log(-1)/log(-1)",
    "nan",
    "(pi + e + sqrt(2) + log(3) + exp(2) + 1)^64",
    "(pi + e + sqrt(2) + log(3) + exp(2) + 1)^60 - (pi + e)^59",
]
DEEP = [
    "(" * 10_000 + "1" + ")" * 10_000,
    "(" * 90 + "1" + ")" * 90,
    "(" * 45 + "1" + ")" * 45,
    "[" * 90 + "1" + "]" * 90,
    "{" * 900,
    "|" * 99 + "1" + "|" * 99,
    "\\sqrt" * 800 + "2",
    "\\sqrt" * 30 + "2",
    "\\frac\\frac\\frac",
    "\\frac" * 300,
    "\\frac{1}{" * 100 + "2" + "}" * 100,
    "x_{" * 600,
    "x_{x_{x_{x",
    "2^" * 40 + "2",
    "\\log_" * 300,
    "\\mathbf" * 250,
    "\\mathbf{" * 200,
    "\\left" * 380,
    "(1" * 300,
    "1)" * 300,
    "]" * 100,
    "max(" * 30 + "1",
    "sum(" * 60 + "1",
    "1/" * 300 + "1",
    "2*" * 390 + "2",
    "1+" * 390 + "1",
    "pi" * 390,
    "e" * 24,
    "{x:" * 200,
]
STRANGE = [
    "!!!!!",
    "1!!!!!",
    "----1",
    "-" * 900 + "1",
    "+" * 1999,
    "^" * 100,
    "_" * 100,
    "%" * 500,
    "$" * 1999,
    "'" * 1000,
    "\\" * 1999,
    "." * 1999,
    "…" * 500,
    "a" * 5000,
    "x " * 2500,
    "no " * 1700,
    "х",
    "аr",
    "r\u202e",
    "\u202e1\u202c",
    "\u20661\u2069",
    "1\u200b5",
    "1\u0000",
    "\x00",
    "\x1b[31m1/15",
    "１/１５",
    "𝟏",
    "①",
    "٣",
    "1\ufe0f",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "1\u0335",
    "\u00ad1",
    "yes no",
    "yes\u200b",
    "AR\u0000",
]
HOSTILE = [*CODE, *HUGE, *DEEP, *STRANGE]
KINDS = sorted(JUDGED)


def named(text: str) -> str:
    return ascii(text)[:40]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=f"{place}: {named(text)}", marks=[pytest.mark.slow] * (text in HUGE and place % 2))
        for place, text in enumerate(HOSTILE)
    ],
)
def test_ends_without_a_mark(text: str) -> None:
    for kind in KINDS:
        outcome = judge(*a_field_of(kind), (), Response(text=text))
        assert outcome.status in ("malformed", "incorrect", "review"), kind
        assert outcome.score == 0
        assert outcome.model_dump_json()


@pytest.mark.parametrize("text", CODE, ids=[named(text) for text in CODE])
def test_code_is_malformed(text: str) -> None:
    for kind in ("numeric", "symbolic", "region", "order"):
        assert judge(*a_field_of(kind), (), Response(text=text)).status in ("malformed", "incorrect"), kind


@pytest.mark.parametrize("function", ["exp", "log", "sin", "max"])
def test_nested_functions(function: str) -> None:
    """Deeper than this takes for ever: see test_each_node_is_printed_once."""
    text = f"{function}(" * 8 + "1" + ")" * 8
    for kind in KINDS:
        assert judge(*a_field_of(kind), (), Response(text=text)).score == 0


@pytest.mark.parametrize("text", ["pi^" * 90 + "pi", "\\sqrt" * 90 + "2"], ids=["pi^pi^…", "sqrt sqrt …"])
def test_towers_of_powers(text: str) -> None:
    assert judge(*a_field_of("numeric"), (), Response(text=text)).status in ("review", "malformed", "incorrect")


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_surrogate_pair_can_be_reported(kind: str) -> None:
    judge(*a_field_of(kind), (), Response(text="\ud800")).model_dump_json()


SAMPLES = {
    "choice": "no",
    "select": "AR, VAE",
    "order": "z_1, x_1, …, z_T, x_T",
    "numeric": "1/15",
    "symbolic": r"r \, p_{X,Y}(r\cos\theta, r\sin\theta)",
    "region": r"0 < D < \frac{1}{2}",
}


def never(*_: object, **__: object) -> object:
    raise AssertionError("a response was handed to an evaluator of code")


def test_nothing_is_evaluated_as_code(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, text in SAMPLES.items():
        judge(*a_field_of(kind), (), Response(text=text))
    outcomes: dict[tuple[str, str], str] = {}
    fields = {kind: a_field_of(kind) for kind in KINDS}
    with monkeypatch.context() as patch:
        for name in ("eval", "exec", "compile"):
            patch.setattr(builtins, name, never)
        for module, name in (
            (sympy, "sympify"),
            (sympy.parsing.sympy_parser, "parse_expr"),
            (sympy.parsing.sympy_parser, "eval_expr"),
            (sympy, "lambdify"),
        ):
            patch.setattr(module, name, never)
        for kind in KINDS:
            for text in [SAMPLES[kind], *CODE]:
                outcomes[kind, text] = CHECKERS[kind](*fields[kind], Response(text=text)).status
    assert all(outcomes[kind, SAMPLES[kind]] == "correct" for kind in KINDS)
    assert all(outcomes[kind, "__import__('os')"] == "malformed" for kind in KINDS)


def test_sympy_is_not_needed_to_judge() -> None:
    code = (
        "import sys\n"
        "from grader.checkers import judge\n"
        "from grader.submission import Response\n"
        "from tests.checkers.common import a_field_of\n"
        "judge(*a_field_of('symbolic'), (), Response(text='r'))\n"
        "assert 'sympy' not in sys.modules and 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
