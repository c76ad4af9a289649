"""Our verdicts on pairs of expressions beside those of math-verify: errors of both kinds, and time per pair.

    python benchmarks/expression_pairs.py ../shared/cases/expression_pairs.json [ROUNDS]

Both run in this process, on the same pairs. Each judges every pair once untimed; then come ROUNDS timed rounds in which
they take turns pair by pair, and the median of a pair's rounds is its time. A time includes reading both sides.
math-verify knows no declared symbols: it gets the LaTeX in dollars and its defaults, and once more with its extraction
set to LaTeX alone, as for answers that are known to be formulas. It says yes or no; what it cannot parse is malformed.
Its time limits need the main thread. Install it as benchmarks/requirements.txt says.
"""

from __future__ import annotations

import logging
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from math_verify import LatexExtractionConfig, parse, verify

from grader.comparing import Pair, judge_pair, read_pairs

ROUNDS = 5
LATEX = [LatexExtractionConfig()]


@dataclass
class Contestant:
    name: str
    judge: Callable[[Pair], str]
    verdicts: dict[object, str] = field(default_factory=dict)
    times: dict[object, list[float]] = field(default_factory=dict)

    def run(self, pair: Pair) -> None:
        start = time.perf_counter()
        verdict = self.judge(pair)
        self.times.setdefault(pair.id, []).append((time.perf_counter() - start) * 1e3)
        self.verdicts[pair.id] = verdict


def ours(pair: Pair) -> str:
    return judge_pair(pair).decision


def theirs(pair: Pair) -> str:
    """math-verify by its defaults: LaTeX in dollars, LaTeX and plain numbers looked for."""
    return _verified(*(parse(f"${text}$") for text in (pair.key, pair.response)))


def theirs_latex(pair: Pair) -> str:
    """The same, told that there is LaTeX alone."""
    return _verified(*(parse(f"${text}$", extraction_config=LATEX) for text in (pair.key, pair.response)))


def _verified(gold: list[object], answer: list[object]) -> str:
    if not gold or not answer:
        return "malformed"
    return "equal" if verify(gold, answer) else "unequal"


def row(contestant: Contestant, pairs: Sequence[Pair]) -> list[str]:
    verdicts = contestant.verdicts
    accepts = [pair.id for pair in pairs if not pair.equal and verdicts[pair.id] == "equal"]
    rejects = [pair.id for pair in pairs if pair.equal and verdicts[pair.id] == "unequal"]
    counts = [sum(v == kind for v in verdicts.values()) for kind in ("undecided", "malformed")]
    times = sorted(statistics.median(found) for found in contestant.times.values())
    figures = [statistics.median(times), statistics.quantiles(times, n=100, method="inclusive")[98], times[-1]]
    return [
        contestant.name,
        *(str(len(found)) for found in (accepts, rejects)),
        *map(str, counts),
        *(f"{ms:.2f}" for ms in figures),
        _ids(accepts + rejects),
    ]


def _ids(ids: Sequence[object]) -> str:
    return ", ".join(map(str, ids)) or "none"


def main() -> None:
    logging.disable(logging.ERROR)  # math-verify logs what it cannot parse
    pairs = read_pairs(Path(sys.argv[1]))
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    contestants = [
        Contestant("ours", ours),
        Contestant("math-verify", theirs),
        Contestant("math-verify, LaTeX only", theirs_latex),
    ]
    for contestant in contestants:
        for pair in pairs:
            contestant.judge(pair)
    for _ in range(rounds):
        for pair in pairs:
            for contestant in contestants:
                contestant.run(pair)
    head = ["", "false accepts", "false rejects", "undecided", "malformed", "median ms", "p99 ms", "worst ms", "wrong"]
    print(f"{len(pairs)} pairs, median of {rounds} warm rounds each\n")
    for cells in (head, ["---"] * len(head), *(row(contestant, pairs) for contestant in contestants)):
        print(f"| {' | '.join(cells)} |")
    medians = [statistics.median(map(statistics.median, c.times.values())) for c in contestants]
    print(f"\nmedian time of math-verify over ours: {medians[1] / medians[0]:.1f}")


if __name__ == "__main__":
    main()
