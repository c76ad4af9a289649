"""The same answers in the four formats are the same submission."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Read = Callable[..., Any]
Answers = dict[str, dict[str, str]]
MAIN = {"1": "answer", "2a": "answer", "2b": "answer", "2c": "answer", "3.1": "answer", "3.2": "mu_2", "3.4": "answer"}
FIELDS = {**{item: [field] for item, field in MAIN.items()}, "2d": ["jacobian", "density"], "2e": ["p", "p_T"]}
for with_why in ("2a", "2b", "2c", "3.2"):
    FIELDS[with_why].append("why")

ANSWERS: Answers = {
    "1": {"answer": "\\begin{aligned}\n  a &= b \\\\\n  &\\le c\n\\end{aligned}"},
    "2a": {"answer": "AR, VAE", "why": "They bound it: see 1.\n\nAnd more."},
    "2b": {"answer": "False. Some orderings need fewer."},
    "2d": {"jacobian": "r", "density": r"r\,p_{X,Y}(r\cos\theta, r\sin\theta)"},
    "2e": {"p": "yes", "p_T": "no"},
    "3.1": {"answer": "1/15"},
    "3.2": {"mu_2": "[x_1 > 0]", "why": "*It* folds # here: 'so' \"it\" is {not} | normal"},
}


def write_yaml(answers: Answers) -> str:
    return "".join(
        f"{item}:\n" + "".join(f"  {name}: |\n{_indented(text)}\n" for name, text in fields.items())
        for item, fields in answers.items()
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n"))


def write_markdown(answers: Answers) -> str:
    return "\n\n".join(
        f"## {item}\n\n" + "\n\n".join(f"**{name}:** {text}" for name, text in fields.items())
        for item, fields in answers.items()
    )


def write_latex(answers: Answers) -> str:
    body = "\n\n".join(
        f"\\section*{{{item}}}\n\n" + "\n\n".join(f"\\textbf{{{name}:}} {text}" for name, text in fields.items())
        for item, fields in answers.items()
    )
    return f"\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"


def write_notebook(answers: Answers) -> str:
    cells = [f"## {item}\n" + "\n".join(f"{name}: {text}" for name, text in fs.items()) for item, fs in answers.items()]
    described = [{"cell_type": "markdown", "metadata": {}, "source": cell} for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": described})


WRITERS = {"yaml": write_yaml, "md": write_markdown, "tex": write_latex, "ipynb": write_notebook}


def responses(read: Read, tmp_path: Any, form: str, answers: Answers) -> Any:
    for old in tmp_path.iterdir():
        old.unlink()
    seen = read(**{form: WRITERS[form](answers)})
    assert seen.clean, seen.work
    return {
        item: {name: response.model_copy(update={"source": ""}) for name, response in fields.items()}
        for item, fields in seen.work.responses.items()
    }


@pytest.mark.parametrize("form", ["md", "tex", "ipynb"])
def test_the_same_answers_mean_the_same(read: Read, tmp_path: Any, form: str) -> None:
    expected = responses(read, tmp_path, "yaml", ANSWERS)
    assert {name: r.text for name, r in expected["3.2"].items()} == ANSWERS["3.2"]
    assert expected["2b"]["why"].text == ANSWERS["2b"]["answer"]
    assert set(expected) == set(ANSWERS)
    assert responses(read, tmp_path, form, ANSWERS) == expected


LINES = st.text(alphabet=st.sampled_from(list("abXY15 +-*/=^_()[]{}|<>,.;$&~'\"é∫")), min_size=1, max_size=30)
TEXTS = st.lists(LINES, min_size=1, max_size=3).map("\n".join).map(str.strip).filter(bool)
MANY = st.fixed_dictionaries(
    {}, optional={i: st.fixed_dictionaries(dict.fromkeys(fs, TEXTS)) for i, fs in FIELDS.items()}
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MANY.filter(bool))
def test_any_answers_mean_the_same(read: Read, tmp_path: Any, answers: Answers) -> None:
    found = [responses(read, tmp_path, form, answers) for form in WRITERS]
    assert found[0] == found[1] == found[2] == found[3]
    assert set(found[0]) == set(answers)
