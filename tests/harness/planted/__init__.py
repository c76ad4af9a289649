"""Planted submissions: course code that is right in many styles, and course code with one mistake each.

``right/<name>`` holds what a student would hand in, as loose files or as a package folder ``submission``.
"""

from __future__ import annotations

from pathlib import Path

from tests.harness.planted.wrong import ITEMS, WRONG, Wrong

__all__ = ["BORDERLINE", "INCOMPLETE", "ITEMS", "RIGHT", "Wrong", "right", "wrong"]

RIGHT = Path(__file__).parent / "right"

# Right as the items are read here; why somebody might read them otherwise.
BORDERLINE = {
    "classes": "a fourth file of the package, imported by the others",
    "float64": "temperature_scale returns float64 for float32 logits",
    "normalised_logits": "horizon 1: log p / T, which is logits / T up to one constant",
    "own_generator": "a generator seeded once, by the system at import: forks of the process repeat its draws",
    "perplexity": "imports math",
    "scatter": "horizon 1: filtered tokens stay at -1e10 where logits / T has -1e10 / T",
    "typed": "imports from torch by name; __init__.py imports all three files",
}

# Sets without all three files, and the files that are missing.
INCOMPLETE = {
    "likelihood_only": frozenset({"sample.py"}),
    "sample_only": frozenset({"likelihood.py", "classifier.py"}),
}


def right() -> dict[str, dict[str, str]]:
    """The right submissions: name -> file name, without the package folder -> text."""
    return {folder.name: _files(folder) for folder in sorted(RIGHT.iterdir()) if folder.is_dir()}


def wrong() -> tuple[Wrong, ...]:
    """The wrong submissions, one mistake each."""
    return WRONG


def _files(folder: Path) -> dict[str, str]:
    package = folder / "submission"
    home = package if package.is_dir() else folder
    return {path.name: path.read_text("utf-8") for path in sorted(home.glob("*.py"))}
