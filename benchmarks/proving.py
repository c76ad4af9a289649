"""Time of `grade prove`: `python benchmarks/proving.py [rounds]`.

All keys of the two papers, warm, by kind of route: the median over rounds of the sum. Then how long it takes to refute
1/14 and 1/16 for the density 1/15. Last, how many draws a second the sequences follow, beside NumPy drawing as many
numbers of the same law alone, on the same machine in the same run.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from grader.loading.specs.course import load_course  # noqa: E402
from grader.montecarlo.claims import read_claim  # noqa: E402
from grader.montecarlo.model import build_model  # noqa: E402
from grader.montecarlo.simulation import Rules, Run, judge_claim  # noqa: E402
from grader.proving.course import prove  # noqa: E402
from grader.routes import Derived, Route, Stated  # noqa: E402

CLAIMS: dict[str, tuple[dict[str, str | tuple[str, str]], str, Rules]] = {
    "P(X < 1) = 3/5": ({"Z": "uniform(-2, 3)", "X": "Z^3"}, "P(X < 1) = 3/5", Rules(margin=1e-4)),
    "E[X] = 13/4": ({"Z": "uniform(-2, 3)", "X": "Z^3"}, "E[X] = 13/4", Rules(margin=0.005)),
    "E[Z] = 0, normal": ({"Z": "normal(0, 1)"}, "E[Z] = 0", Rules(margin=0.002)),
    "density(X, 1) = 1/15": ({"Z": "uniform(-2, 3)", "X": "Z^3"}, "density(X, 1) = 1/15", Rules()),
}


def judged(described: dict[str, str | tuple[str, str]], claim: str, rules: Rules, seed: str) -> tuple[Run, float]:
    model = build_model(described, {})
    if "Z" in claim:  # the normal one has no bounds
        rules = Rules(margin=rules.margin, variances={read_claim("E[Z] = 0", model.symbols).left.body: 1.0})
    start = time.perf_counter()
    run = judge_claim(model, read_claim(claim, model.symbols), seed, rules)
    return run, time.perf_counter() - start


def kind(route: Route) -> str:
    return "derive" if isinstance(route, Derived | Stated) else route.word


def keys(rounds: int) -> None:
    course = load_course(ROOT / "problems", ROOT / "reference")
    sums: dict[str, list[float]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for _ in range(rounds + 1):
        taken: Counter[str] = Counter()
        counts.clear()
        start = time.perf_counter()
        for standing in prove(course):
            for proof in standing.proofs:
                taken[kind(proof.route)] += proof.seconds  # type: ignore[assignment]
                counts[kind(proof.route)] += 1
        sums["all"].append(time.perf_counter() - start)
        for word, seconds in taken.items():
            sums[word].append(seconds)
    print(f"{'route':12} {'carried out':>12} {'seconds':>9} {'the first time':>15}")
    for word, found in sums.items():
        number = sum(counts.values()) if word == "all" else counts[word]
        print(f"{word:12} {number:12} {statistics.median(found[1:]):9.2f} {found[0]:15.2f}")


def refutations(rounds: int) -> None:
    for claim in ("1/14", "1/16"):
        described: dict[str, str | tuple[str, str]] = {"Z": "uniform(-2, 3)", "X": "Z^3"}
        found = [judged(described, f"density(X, 1) = {claim}", Rules(), f"{claim}{k}") for k in range(rounds)]
        kinds = Counter(run.kind for run, _ in found)
        drawn = statistics.median(run.draws for run, _ in found)
        print(f"{claim} for 1/15: {dict(kinds)}, {statistics.median(s for _, s in found):.2f} s, {drawn:,.0f} draws")


def alone(draw: Callable[[int], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count >> 20):
        draw(1 << 20)
    return (time.perf_counter() - start) / (count >> 20 << 20)


def draws(rounds: int) -> None:
    rng = np.random.Generator(np.random.SFC64(1))
    print(f"{'claim':24} {'draws':>12} {'million/s':>10} {'NumPy alone':>12} {'ratio':>6}")
    for name, (described, claim, rules) in CLAIMS.items():
        source = rng.standard_normal if "normal" in name else rng.random
        found = []
        for k in range(rounds):
            run, seconds = judged(described, claim, rules, f"{name}{k}")
            found.append((seconds / run.draws, alone(source, max(run.draws, 1 << 20)), run.draws))
        ours, plain = (statistics.median(part[i] for part in found) for i in (0, 1))
        drawn = statistics.median(part[2] for part in found)
        print(f"{name:24} {drawn:12,.0f} {1e-6 / ours:10.0f} {1e-6 / plain:12.0f} {ours / plain:6.1f}")


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    keys(asked)
    refutations(asked)
    draws(asked)
