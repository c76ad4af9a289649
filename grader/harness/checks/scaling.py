"""Tests of ``temperature_scale``: its values against exact ones."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from grader.harness.checks.bench import Bench, Finding, failed, passed, seeds
from grader.harness.design import TEMPERATURES, TIE, edges, value_probe
from grader.harness.probes import LogProbs, Mask, Probe, log_softmax
from grader.harness.probes import Tokens as TokenArray
from grader.harness.protocol import Returned
from grader.harness.samplers import (
    OF_HORIZON_2,
    OF_TEMPERATURE,
    RIGHT,
    Sampler,
    Setting,
    filtered,
    first_step,
    second_step,
)
from grader.harness.session import Call, Configuration, Model, Numbers, Past, Value

VOCAB = 11
FILTERED = -1e10
NOTHING = -1e6  # a log-weight below it is probability zero at any of these temperatures
EXTREMES = (0.01, 100.0)
CLOSE = 0.01  # in log-probabilities
UNLIKELY = 1e-4  # log-probabilities of what is less likely may differ by more
ADDED = 1e-10  # what is customarily added inside a logarithm
CONTEXTS = 3


@dataclass(frozen=True, slots=True)
class Case:
    """One call of ``temperature_scale``: the logits that it gets, and after which context."""

    probe: Probe
    setting: Setting
    context: TokenArray

    @property
    def logits(self) -> LogProbs:
        found: LogProbs = filtered(self.probe.logits(self.context), self.setting.top_k)[0]
        return found

    @property
    def kept(self) -> Mask:
        return np.isfinite(self.logits)

    def call(self, seed: int) -> Call:
        logits = np.where(self.kept, self.logits, FILTERED)[None]
        model = Model(self.probe)
        config = Configuration({**self.probe.sizes.config, "top_k": self.setting.top_k, "seed": 0})
        past = Past(model, self.context)
        t, horizon = self.setting.temperature, self.setting.horizon
        return Call((Numbers(logits), model, past, config, t, horizon), seed=seed)

    def edge(self) -> float:
        """How near the filter comes to letting another token pass, of the next token and of the one after it."""
        k = self.setting.top_k
        if k == 0:
            return np.inf
        candidates = np.flatnonzero(self.kept)[:, None]
        longer = np.concatenate((np.repeat(self.context, len(candidates), axis=0), candidates), axis=1)
        logits = np.concatenate((self.probe.logits(self.context), self.probe.logits(longer)))
        return float(edges(logits, k).min())

    def mistaken(self, sampler: Sampler) -> LogProbs:
        found: LogProbs = sampler.weigh(self.probe, self.setting, self.context)[0]
        return found


def _cases(bench: Bench, settings: Sequence[Setting], purpose: str) -> list[Case]:
    """Contexts of several lengths for each setting, this submission's own; none that rounding could decide."""
    random = bench.random(purpose)
    probe = value_probe(bench.secret, "scale", VOCAB)
    cases = []
    for setting, length in itertools.product(settings, range(2, CONTEXTS + 2)):
        drawn = (Case(probe, setting, random.integers(0, VOCAB, (1, length))) for _ in itertools.count())
        cases.append(next(case for case in drawn if case.edge() > TIE))
    return cases


def _values(bench: Bench, settings: Sequence[Setting], purpose: str) -> list[tuple[Case, Value]]:
    def make() -> list[tuple[Case, Value]]:
        cases = _cases(bench, settings, purpose)
        numbers = seeds(bench.random(purpose, "seeds"), len(cases))
        calls = [case.call(seed) for case, seed in zip(cases, numbers, strict=True)]
        return list(zip(cases, bench.call("temperature_scale", calls), strict=True))

    found: list[tuple[Case, Value]] = bench.once(purpose, make)
    return found


def _none(bench: Bench) -> list[tuple[Case, Value]]:
    return _values(bench, [Setting(4, None, horizon) for horizon in (1, 2)], "scale none")


def _one(bench: Bench) -> list[tuple[Case, Value]]:
    return _values(bench, [Setting(k, t) for t in TEMPERATURES for k in (4, 0)], "scale one")


def _extreme(bench: Bench) -> list[tuple[Case, Value]]:
    return _values(bench, [Setting(4, t) for t in EXTREMES], "scale extremes")


def _two(bench: Bench) -> list[tuple[Case, Value]]:
    return _values(bench, [Setting(4, t, 2) for t in TEMPERATURES], "scale two")


# --- horizon 1 ---


def check_none(bench: Bench) -> Finding:
    """``temperature=None`` returns the logits."""
    return _compared(_none(bench), (), "With `temperature=None` the logits should come back unchanged.")


def check_one(bench: Bench) -> Finding:
    """Logits divided by T."""
    return _compared(_one(bench), OF_TEMPERATURE, "With horizon 1 the result should be `logits / temperature`.")


def check_extremes(bench: Bench) -> Finding:
    """T very small and very large."""
    smallest, largest = EXTREMES
    said = f"At T = {smallest:g} and T = {largest:g} the result should still be `logits / temperature`."
    return _compared(_extreme(bench), OF_TEMPERATURE, said)


def check_type(bench: Bench) -> Finding:
    """A tensor of floats of shape (1, vocab)."""
    return _typed(_one(bench) + _none(bench))


def check_arguments(bench: Bench) -> Finding:
    """Nothing is changed in place."""
    return _unchanged(_one(bench) + _none(bench))


# --- horizon 2 ---


def check_two(bench: Bench) -> Finding:
    """The joint distribution of two tokens, scaled, and the second summed out."""
    named = (*OF_TEMPERATURE, *OF_HORIZON_2)
    said = "With horizon 2 the log-weights are not those of the scaled joint distribution of the next two tokens."
    return _compared(_two(bench), named, said)


def check_two_filtered(bench: Bench) -> Finding:
    """Tokens that are filtered out stay out."""
    for case, value in _two(bench):
        numbers = _row(value.value)
        if numbers is None:
            return failed(f"`temperature_scale` returned {value.value}; no log-weights can be read from that.")
        if not (numbers[~case.kept] <= NOTHING).all():
            return failed("With horizon 2, tokens that top-k filtered out should have the log-weight -1e10.")
    return passed()


def check_two_type(bench: Bench) -> Finding:
    """A tensor of floats of shape (1, vocab)."""
    return _typed(_two(bench))


def check_two_arguments(bench: Bench) -> Finding:
    """Nothing is changed in place."""
    return _unchanged(_two(bench))


# --- comparing ---


def _typed(found: Sequence[tuple[Case, Value]]) -> Finding:
    for case, value in found:
        wanted = (1, case.probe.sizes.vocab_size)
        got = value.value
        if got.kind != "tensor" or got.dtype not in ("float32", "float64") or got.shape != wanted:
            return failed(f"`temperature_scale` returned {got}; it should return a tensor of floats, shape {wanted}.")
        if got.array is None or not np.isfinite(got.array).all():
            return failed("`temperature_scale` returned NaN or infinity; filtered tokens have the log-weight -1e10.")
    return passed()


def _unchanged(found: Sequence[tuple[Case, Value]]) -> Finding:
    if any(value.changed for _, value in found):
        return failed("`temperature_scale` changed one of its arguments in place (`logits`, `new_past` or `config`).")
    return passed()


def _row(value: Returned) -> LogProbs | None:
    """Its numbers as (vocab,), whatever its shape, where they are numbers."""
    if value.kind not in ("tensor", "array") or value.array is None or value.array.size != VOCAB:
        return None
    numbers = value.array.astype(np.float64).reshape(-1)
    return None if np.isnan(numbers).any() else numbers


def _compared(found: Sequence[tuple[Case, Value]], named: Sequence[Sampler], said: str) -> Finding:
    rows = [(case, _row(value.value)) for case, value in found]
    for (case, row), (_, value) in zip(rows, found, strict=True):
        if row is None:
            return failed(f"{said} It returned {value.value}, {case.setting}.")
    wrong = [case for case, row in rows if row is None or not _right(case, row)]
    if not wrong:
        shifted = any(row is not None and _is_shifted(case, row) for case, row in rows)
        return passed("The result differs from the one asked for by a constant, which changes nothing." * shifted)
    evidence = {"wrong": len(wrong), "cases": len(rows), "setting": str(wrong[0].setting)}
    mistake = next(
        (m for m in named if all(row is not None and _close(case.mistaken(m), row) for case, row in rows)), None
    )
    if mistake is not None:
        return failed(f"{said} {mistake.say}", mistake=mistake.name, **evidence)
    return failed(f"{said} ({len(wrong)} of {len(rows)} cases differ, first with {wrong[0].setting}.)", **evidence)


def _right(case: Case, row: LogProbs) -> bool:
    if case.setting.horizon == 2 and case.setting.temperature is not None:
        if not case.kept.any() or (row[case.kept] <= NOTHING).any():
            return False
        return any(_close(form, row, case.kept) for form in _forms(case))
    exact = case.mistaken(RIGHT)
    return _close(exact, row) and bool((row[~case.kept] <= NOTHING).all())


def _is_shifted(case: Case, row: LogProbs) -> bool:
    """Right, but for a constant, where the item asks for the very numbers."""
    if case.setting.horizon == 2:
        return False
    exact = case.logits / (case.setting.temperature or 1.0)
    return bool(np.abs(row - exact)[case.kept].max() > 0.05 + 1e-4 * np.abs(exact[case.kept]).max())


def _close(exact: LogProbs, row: LogProbs, kept: Mask | None = None) -> bool:
    """Whether two vectors of log-weights mean the same distribution, up to rounding. With ``kept``, over these."""
    if kept is not None:
        exact, row = exact[kept], row[kept]
    if not np.isfinite(exact).any() or not np.isfinite(row).any() or np.isposinf([*exact, *row]).any():
        return False
    ours, theirs = log_softmax(exact), log_softmax(row)
    likely = ours > np.log(UNLIKELY)
    with np.errstate(over="ignore", invalid="ignore"):
        far = np.abs(np.exp(ours) - np.exp(theirs)).max()
        apart = np.abs(ours - theirs)[likely].max()
    return bool(far <= CLOSE and apart <= CLOSE)


def _forms(case: Case) -> list[LogProbs]:
    """Horizon 2 as defined, and with 1e-10 added inside the logarithms: of each factor, of the joint, of the sum."""
    first = np.exp(first_step(case.probe, case.setting, case.context))[0]
    second = np.exp(second_step(case.probe, case.setting, case.context))[0]
    t = case.setting.temperature or 1.0
    adders: list[Callable[[LogProbs], LogProbs]] = [lambda p: p, lambda p: p + ADDED]
    forms = []
    with np.errstate(divide="ignore"):
        for factor, joint, total in itertools.product(adders, repeat=3):
            products = joint(factor(first)[:, None] * factor(second))
            forms.append(np.log(total((products ** (1 / t)).sum(axis=1))))
    return forms
