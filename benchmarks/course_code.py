"""Time to judge the five code items of a submission with the tiny model, and the draws that mistakes need.

    python benchmarks/course_code.py [ROUNDS]

Times are of one process: the warm process starts once (``start``), then every submission is judged ROUNDS times, in
turns. ``student`` is the time spent in the submission's own functions, ``ours`` all the rest. ``gross`` is the same
submission with a sampler that knows no top-k, a likelihood with the wrong sign and a classifier that always says True.
Draws are simulated from the exact tables, without any student's code: medians, and the largest of all repetitions.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

from grader.checkers.code import check_code
from grader.harness.checks.bench import BOUND
from grader.harness.checks.sampling import LEAST, MOST
from grader.harness.design import LENGTH, SETTINGS, arms, generator, sampling_probe
from grader.harness.lab import Desk, Lab
from grader.harness.samplers import RIGHT, Sampler, continuations
from grader.harness.sequential import DrawTest, Verdict
from grader.keys import ItemKey
from grader.loading.specs.course import Course, load_course
from grader.spec import CodeField

ROOT = Path(__file__).parent.parent
REPETITIONS = 100
GROSS = (
    ("sample.py", "logits = top_k_logits(logits[:, -1, :], config.top_k)", "logits = logits[:, -1, :]"),
    ("likelihood.py", "return log_probs", "return -log_probs"),
    ("classifier.py", "return log_likelihood(model, text) / CHARACTERS < THRESHOLD", "return True"),
)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    course = load_course(ROOT / "problems", ROOT / "reference")
    right = {path.name: path.read_text("utf-8") for path in (ROOT / "reference" / "ps1").glob("*.py")}
    alice = {path.name: path.read_text("utf-8") for path in (ROOT / "submissions" / "alice" / "ps1").glob("*.py")}
    with Lab(unsandboxed=True) as lab:
        began = time.monotonic()
        lab.language.warm.start()
        arms("", "plain")  # what comes first in this process: NumPy's own warming up
        lab.language.encoded(["warm"])
        print(f"isolation {lab.level}; start {time.monotonic() - began:.1f} s")
        _times(lab, course, {"reference": right, "alice": alice, "gross": _gross(right)}, rounds)
    _draws()


def _gross(files: dict[str, str]) -> dict[str, str]:
    wrong = dict(files)
    for name, old, new in GROSS:
        assert wrong[name].count(old) == 1, (name, old)
        wrong[name] = wrong[name].replace(old, new)
    return wrong


def _times(lab: Lab, course: Course, submissions: dict[str, dict[str, str]], rounds: int) -> None:
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in submissions}
    first: dict[str, float] = {}
    for _ in range(rounds):
        for name, files in submissions.items():
            began = time.monotonic()
            with lab.desk(files) as desk:
                _judge(desk, course)
                student = sum(bench.session.seconds for bench in desk._benches.values())
            whole = time.monotonic() - began
            first.setdefault(name, whole)
            found[name].append((whole, student))
    print(f"\nfive items, tiny, seconds: median of {rounds} (the first, which also scores texts for the class)")
    for name, times in found.items():
        whole, student = median(t for t, _ in times), median(s for _, s in times)
        print(f"{name:10} {whole:6.2f} = student {student:5.2f} + ours {whole - student:5.2f}   ({first[name]:.2f})")


def _judge(desk: Desk, course: Course) -> None:
    for item in course.assignments["ps1"].items:
        key, spec = course.keys["ps1"].get(item.id), item.fields[0]
        if isinstance(spec, CodeField) and isinstance(key, ItemKey):
            check_code(spec, key.fields["answer"], desk)  # type: ignore[arg-type]


def _draws() -> None:
    for name in SETTINGS:
        found, named = arms("benchmark", name)
        told = np.max([arm.distances() for arm in found], axis=0)
        print(
            f"\ndraws of {LENGTH} tokens, {name}: median, largest of {REPETITIONS}, verdicts that are not right, nats"
        )
        for place, sampler in enumerate((RIGHT, *named)):
            verdicts = [_verdict(name, sampler, repetition) for repetition in range(REPETITIONS)]
            counts = [verdict.draws for verdict in verdicts]
            wanted = "right" if sampler is RIGHT else "wrong"
            other = sum(verdict.kind != wanted for verdict in verdicts)
            nats = f"{told[place - 1]:.3f}" if place else ""
            print(f"{sampler.name:30} {median(counts):6.0f} {max(counts):6d} {other:4d}  {nats}")


def _verdict(name: str, sampler: Sampler, repetition: int) -> Verdict:
    found, named = arms("benchmark", name)
    probe, _ = sampling_probe("benchmark")
    test = DrawTest(found, named, BOUND, LEAST[name], MOST)
    random = generator("draws", name, sampler.name, repetition)
    vocab = probe.sizes.vocab_size
    while (verdict := test.verdict()) is None:
        place, count = test.next()
        chosen = found[place]
        p = np.exp(continuations(probe, sampler, chosen.setting, chosen.start, LENGTH)).reshape(-1)
        drawn = random.choice(p.size, size=count, p=p / p.sum())
        test.record(place, np.stack(np.unravel_index(drawn, (vocab,) * LENGTH), axis=1))
    return verdict


if __name__ == "__main__":
    main()
