"""How long a person waits before anything happens, as ratios measured side by side in one run.

    python benchmarks/startup.py [RUNS]

Each pair of commands runs in turn, A B A B …, after one warm-up; medians of whole-process wall times are compared. Run
it from the root of a checkout with the environment whose ``grade`` is meant.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

PYTHON = sys.executable
GRADE = str(Path(PYTHON).with_name("grade"))
PAIRS = [
    ("grade --help", [GRADE, "--help"], "python -c pass", [PYTHON, "-c", "pass"], 8.0),
    (
        "grade submissions/carol",
        [GRADE, "submissions/carol"],
        "python -c 'import sympy'",
        [PYTHON, "-c", "import sympy"],
        2.5,
    ),
]


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    print(f"medians of {runs} runs, ms")
    for name, command, base_name, base, aim in PAIRS:
        times = [(seconds(command), seconds(base)) for _ in range(runs + 1)][1:]
        mine, theirs = (statistics.median(column) * 1e3 for column in zip(*times, strict=True))
        ratio = statistics.median(a / b for a, b in times)
        print(f"{name:<26}{mine:7.0f}   {base_name:<26}{theirs:7.0f}   ratio {ratio:5.2f}   aim below {aim:g}")


if __name__ == "__main__":
    main()
