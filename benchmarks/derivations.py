"""Time for the chains of the tests: `python benchmarks/derivations.py [rounds]`.

Every honest and broken chain in tests/derivation/chains is judged whole, warm, once in each round, in the order of the
files. Printed are the median over rounds for the median and the worst chain, broken chains apart (they come with a
search for a counterexample), and the time of a step. The last column compares with `import numpy` in a new process, on
the same machine in the same run.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.derivation.conftest import entries, judge  # noqa: E402


def timed(item: str, response: str) -> tuple[float, int]:
    start = time.perf_counter()
    outcome = judge(item, response)
    lines = outcome.evidence.get("lines", [])
    return time.perf_counter() - start, sum(mark in ("holds", "fails") for mark in lines)


def chains(kind: str) -> Iterator[tuple[str, str]]:
    return ((item, entry["response"]) for item, entry in entries(kind))


def importing() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import numpy"], check=True)
    return time.perf_counter() - start


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    unit = statistics.median(importing() for _ in range(rounds))
    print(f"import numpy: {unit * 1000:.0f} ms")
    print("| chains | number | median, ms | worst, ms | a line, ms | median against import numpy |")
    print("|---|---|---|---|---|---|")
    for kind in ("honest", "broken"):
        for item in dict.fromkeys(item for item, _ in chains(kind)):
            report(f"{item} {kind}", [chain for chain in chains(kind) if chain[0] == item], rounds, unit)
        report(f"all {kind}", list(chains(kind)), rounds, unit)


def report(name: str, found: list[tuple[str, str]], rounds: int, unit: float) -> None:
    for item, response in found:
        judge(item, response)
    times = [statistics.median(timed(item, response)[0] for _ in range(rounds)) for item, response in found]
    lines = sum(timed(item, response)[1] for item, response in found)
    middle = statistics.median(times)
    print(
        f"| {name} | {len(found)} | {middle * 1000:.0f} | {max(times) * 1000:.0f} "
        f"| {sum(times) / lines * 1000:.1f} | {middle / unit:.2f} |"
    )


if __name__ == "__main__":
    main()
