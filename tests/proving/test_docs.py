"""What docs/proving.md shows is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.loading.specs.routes import read_routes
from grader.loading.yaml import read_yaml
from grader.math.distributions import LAWS
from grader.routes import COUNTS, ROUTES
from tests.course import real_course
from tests.proving.common import standing

DOCS = (Path(__file__).parents[2] / "docs/proving.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)


def block(beginning: str) -> str:
    (found,) = (text for text in BLOCKS if text.startswith(beginning))
    return found


def test_every_route_count_and_distribution_is_told() -> None:
    assert [word for word in (*ROUTES, *COUNTS, *LAWS) if word not in DOCS] == []


@pytest.mark.parametrize("line", block("enumerate:").strip().splitlines())
def test_the_counts_can_be_read(line: str) -> None:
    item = next(item for item in real_course().assignments["ps1"].items if item.id == "3.2")
    document = read_yaml(f"3.2:\n  prove:\n    {line}\n", Path("docs"))
    routes, faults = read_routes(item, document.data["3.2"]["prove"], document)  # type: ignore[index,call-overload]
    assert (len(routes), faults) == (1, ())


def test_the_first_example_is_proved(tmp_path: Path) -> None:
    found = standing(tmp_path, "\n".join(line[2:] for line in block("4a:").splitlines()[1:]))
    assert [proof.found.status for proof in found.proofs] == ["supported", "proved"]


def test_the_claims_about_estimators_hold(tmp_path: Path) -> None:
    route = "".join(f"  {line}\n" for line in block("simulate:").splitlines())
    key = f"answer: no\nprove:\n{route}  shows: no"
    assert standing(tmp_path, key, "    answer: {kind: choice, options: yes/no}\n").status == "supported"


def test_the_simulated_number_is_its_own_right_answer(tmp_path: Path) -> None:
    from grader.marking import course_faults
    from tests.proving.common import load, write

    tests = "tests:\n  - {answer: 1/15, score: 2}\n  - {answer: 1/5, score: 0}\n  - {answer: 0.0667, score: 2}"
    key = f"{block('answer:')}{tests}\nprove: {{reason: it is simulated anyhow}}"
    assert course_faults(load(write(tmp_path, key))) == []
