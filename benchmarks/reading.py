"""How the time to read a formula grows with its length: for each shape, the time at 2n over the time at n.

Usage: python benchmarks/reading.py
Medians of 15 readings each, in one process. A ratio near 2 is linear; the caps end the growth anyway (see
``grader.math.lexer``).
"""

from __future__ import annotations

import statistics
import time
from contextlib import suppress

from grader.errors import Unreadable
from grader.math.reader import read_expression
from grader.spec import Symbol

SYMBOLS = {"x": Symbol(), "y": Symbol(), "k": Symbol(family=True)}
ROUNDS = 15
SIZES = (25, 50, 100, 200)
SHAPES = {
    "x + x + …": lambda n: " + ".join(["x"] * n),
    "x y x y …": lambda n: r"x\,y" * (n // 2),
    r"\frac{x}{y} + …": lambda n: " + ".join([r"\frac{x}{y}"] * (n // 4)),
    r"\log(x) …": lambda n: r" \log(x)" * (n // 4),
    "(x) (x) …": lambda n: " (x)" * (n // 3),
    "1 (1 (1 … (unreadable)": lambda n: "(1" * n,
    "[[x, x], [x, x], …]": lambda n: "[" + ", ".join(["[x, y]"] * (n // 5)) + "]",
    "random signs (unreadable)": lambda n: "x)(y+" * (n // 5),
}


def seconds(text: str) -> float:
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        with suppress(Unreadable):
            read_expression(text, SYMBOLS)
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def main() -> None:
    print("| formula | " + " | ".join(f"{n} tokens, ms" for n in SIZES) + " | last / first, of 8 |")
    print("|---" * (len(SIZES) + 2) + "|")
    for name, make in SHAPES.items():
        times = [seconds(make(n)) for n in SIZES]
        shown = " | ".join(f"{1000 * t:.2f}" for t in times)
        print(f"| `{name}` | {shown} | {times[-1] / times[0]:.1f} |")


if __name__ == "__main__":
    main()
