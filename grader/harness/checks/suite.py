"""How the tests of course code are run: for each name in ``table`` the function that runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from grader.harness.checks import classifying, likelihood, sampling, scaling
from grader.harness.checks.bench import Bench, Finding, failed, passed
from grader.harness.checks.table import CHECKS
from grader.harness.session import Failure
from grader.harness.wording import in_words

RUN: dict[str, Callable[[Bench], Finding]] = {
    "sample-type": sampling.check_type,
    "sample-start": sampling.check_start,
    "sample-support": sampling.check_support,
    "sample-distribution": sampling.check_distribution,
    "sample-seeds": sampling.check_seeds,
    "sample-arguments": sampling.check_arguments,
    "sample-context": sampling.check_context_limit,
    "sample-temperature": sampling.check_temperature,
    "sample-horizon": sampling.check_horizon,
    "scale-none": scaling.check_none,
    "scale-values": scaling.check_one,
    "scale-extremes": scaling.check_extremes,
    "scale-type": scaling.check_type,
    "scale-arguments": scaling.check_arguments,
    "horizon-values": scaling.check_two,
    "horizon-filtered": scaling.check_two_filtered,
    "horizon-type": scaling.check_two_type,
    "horizon-arguments": scaling.check_two_arguments,
    "likelihood-type": likelihood.check_type,
    "likelihood-values": likelihood.check_values,
    "likelihood-long": likelihood.check_long_texts,
    "likelihood-sum": likelihood.check_sums_to_one,
    "likelihood-additive": likelihood.check_additive,
    "likelihood-arguments": likelihood.check_arguments,
    "classifier-type": classifying.check_type,
    "classifier-random": classifying.check_random,
    "classifier-shakespeare": classifying.check_shakespeare,
    "classifier-technical": classifying.check_technical,
    "classifier-model": classifying.check_uses_model,
}

UNCERTAIN = ("odd", "killed")  # failures that may not be the student's


def run_checks(bench: Bench, names: Iterable[str]) -> dict[str, Finding]:
    """What each test found. Raises Died where the fault is ours."""
    return {name: _finding(bench, name) for name in names}


def printed_in_public(bench: Bench, names: Iterable[str]) -> str:
    """What these tests make the code print on inputs that anybody can draw, in a process that has seen no others.

    What it prints here, no hidden input can be in. Raises Died.
    """
    shown = bench.in_public()
    with shown.session:
        run_checks(shown, names)
    return shown.session.output


def _finding(bench: Bench, name: str) -> Finding:
    check = CHECKS[name]
    found = _run(bench, name)
    if found.state == "failed" and any(_run(bench, other).state == "failed" for other in check.after):
        return passed("Not held against you a second time: the draws are wrong without horizon 2 already.")
    return found


def _run(bench: Bench, name: str) -> Finding:
    """Run once, and remembered."""
    found = bench.findings.get(name)
    if found is None:
        try:
            found = RUN[name](bench)
        except Failure as failure:
            found = _failed(bench, CHECKS[name].function, failure)
        bench.findings[name] = found
    return found


def _failed(bench: Bench, function: str, failure: Failure) -> Finding:
    say, staff = in_words(failure, function, bench.file, bench.session.files)
    evidence = {"failure": failure.kind, "file": failure.file, "line": failure.line}
    return Finding("open", say, staff, evidence) if failure.kind in UNCERTAIN else failed(say, staff, **evidence)
