"""What an author got wrong in a world, a claim or a milestone: named with its file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.loading.specs.course import load_course
from grader.marking import course_faults

PROBLEM = r"""question: 1
title: The evidence lower bound
items:
  - id: 1a
    points: 4
    prompt: Show it.
    answer:
      kind: derivation
      world:
        variables: {x: {}, z: {samples: k}}
        counts: {k: [2, 3]}
        indices: {i: k}
        distributions:
          - p(x, z)
          - {of: q(z | x), spellings: [q_\phi]}
        definitions:
          ELBO: \mathbb{E}_{q(z|x)}[\log p(x, z) - \log q(z|x)]
      claim: ELBO = \log p(x) - D_{KL}(q(z|x) \| p(z|x))
"""
KEY = r"""1a:
  answer:
    value: |
      ELBO = E_{q(z|x)}[log(p(z|x) / q(z|x))] + log p(x)
      = log p(x) - KL(q(z|x) || p(z|x))
    ends: 1
    steps: 1
    milestones:
      - points: 2
        patterns: ['\log p(z|x)']
        hint: Factorize.
"""


def faults(folder: Path, problem: str = PROBLEM, key: str = KEY) -> list[str]:
    for name, text in {
        "problems/quiz/assignment.yaml": "title: Quiz\npoints: 4\nquestions: ['1']\n",
        "problems/quiz/1.yaml": problem,
        "reference/quiz/1.yaml": key,
        "reference/secret": "tests",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    found = course_faults(load_course(folder / "problems", folder / "reference"))
    return [str(fault).removeprefix(f"{folder}/") for fault in found]


def test_nothing_is_wrong_with_it(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("variables: {x: {}", "variables: {y: {}", 13, "random variable"),
        ("counts: {k: [2, 3]}", "counts: {n: [2, 3]}", 10, "k is not declared under counts:"),
        ("indices: {i: k}", "indices: {i: m}", 12, "m is not declared under counts:"),
        ("          - p(x, z)\n", "          - p(x, z\n", 13, "expected"),
        (r"\log q(z|x)]", r"\log r(z|x)]", 17, "`r` is no name known here"),
        (r"\log p(x) - D_{KL}", r"\log f(x) - D_{KL}", 18, "`f` is no name known here"),
        ("claim: ELBO =", "claim: ELBO", 18, "expected one relation between two sides"),
        ("samples: k", "sample: k", 10, "did you mean"),
        ("spellings: [q_\\phi]", "is: p(z | x), zeros: true", 15, "is not drawn"),
        ("kind: derivation\n", "kind: derivation\n      proportional: [u]\n", 9, "u is no variable of the world"),
    ],
)
def test_a_fault_of_a_world_is_located(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert PROBLEM.count(old) == 1
    found = [fault for fault in faults(tmp_path, problem=PROBLEM.replace(old, new)) if "1.yaml" in fault]
    assert any(said in fault for fault in found), found
    places = [
        int(where[1]) for fault in found if said in fault and (where := re.match(r"problems/quiz/1.yaml:(\d+)", fault))
    ]
    assert any(abs(place - line) <= 1 for place in places), found


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (r"['\log p(z|x)']", r"['\log r(z|x)']", 10, "`r` is no name known here"),
        (r"['\log p(z|x)']", r"['\log p(x)']", 10, "copying it would earn points"),
        ("    steps: 1\n", "    steps: 2\n", 2, "add up to 5, the field has 4"),
        ("      = log p(x) - KL", "      = log p(x) + KL", 2, "the key's chain comes out"),
        ("        hint: Factorize.\n", "", 9, "hint: is missing"),
    ],
)
def test_a_fault_of_a_key_is_located(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert KEY.count(old) == 1
    found = faults(tmp_path, key=KEY.replace(old, new))
    assert any(said in fault for fault in found), found
    places = [
        int(where[1]) for fault in found if said in fault and (where := re.match(r"reference/quiz/1.yaml:(\d+)", fault))
    ]
    assert line in places, found
