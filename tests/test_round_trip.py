"""The same answers in the four formats give the same results, to the byte."""

from __future__ import annotations

from pathlib import Path

import nbformat

from grader.grading import grade_work
from grader.loading.work.answers import read_work
from grader.loading.work.snapshot import take_in
from tests.course import real_course

ANSWERS = {
    "1a": {"answer": "false", "why": "Some orders need fewer parameters."},
    "2a": {"answer": "AR, VAE, EBM"},
    "4a": {"answer": "1/15"},
    "4d": {"jacobian": "r", "density": r"r\,p_{X,Y}(r\cos\theta, r\sin\theta)"},
    "5a": {"answer": "N)"},
    "5b": {"answer": r"z_1, x_1, \dots, z_T, x_T"},
    "6d": {"range": "0 < D < 1/2", "why": "There its gradient is the larger."},
    "7c": {"answer": "T > 1"},
    "7d": {"p": "yes", "p_T": "no"},
}


def lines(fields: dict[str, str]) -> str:
    return "".join(f"{name}: {text}\n\n" for name, text in fields.items())


def in_every_format() -> dict[str, str]:
    yaml = "".join(
        f"{item}:\n" + "".join(f"  {name}: '{text}'\n" for name, text in fields.items())
        for item, fields in ANSWERS.items()
    )
    markdown = {item: f"## {item}\n{lines(fields)}" for item, fields in ANSWERS.items()}
    latex = "".join(f"\\section*{{{item}}}\n{lines(fields)}" for item, fields in ANSWERS.items())
    cells = [nbformat.v4.new_markdown_cell(text) for text in markdown.values()]
    return {
        "answers.yaml": yaml,
        "answers.md": "".join(markdown.values()),
        "answers.tex": f"\\documentclass{{article}}\n\\begin{{document}}\n{latex}\\end{{document}}\n",
        "answers.ipynb": nbformat.writes(nbformat.v4.new_notebook(cells=cells)),
    }


def test_four_formats_one_result(tmp_path: Path) -> None:
    results = set()
    for name, text in in_every_format().items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).write_text(text, "utf-8")
        work = read_work(take_in(folder, ()), real_course().assignments["midterm"])
        results.add(grade_work(work, real_course()).model_dump_json())
    (only,) = results
    assert '"score":14.0' in only
