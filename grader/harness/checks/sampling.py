"""Tests of ``sample``: what comes back, and the distribution that it comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from grader.harness.checks.bench import BOUND, Bench, Finding, failed, passed, seeds
from grader.harness.design import LENGTH, TIE, arms, long_probe, sampling_probe, value_probe
from grader.harness.probes import Probe
from grader.harness.protocol import Returned
from grader.harness.samplers import Setting
from grader.harness.sequential import Arm, DrawTest, Verdict
from grader.harness.session import Argument, Call, Configuration, Failure, Model, Tokens, Value

MOST = 6000  # draws
LEAST = {"plain": 40, "temperature": 24, "horizon": 16}  # for every setting and start
ENDS = (60, 20, *[3] * 16, 1)  # tokens drawn at the end of long texts
LONG = {"plain": Setting(2), "temperature": Setting(2, 0.5)}  # few may follow, so that most other contexts show
SAME = 1e-9  # chance that right draws are all the same, below which that counts as a fixed seed


@dataclass
class Drawn:
    """What drawing found: the verdict, and what else was wrong with the values that came back."""

    verdict: Verdict
    paths: list[NDArray[np.int64]] = field(default_factory=list)
    arms: list[Arm] = field(default_factory=list)
    outside: str = ""
    changed: bool = False
    fixed: bool = False


def sample_call(
    probe: Probe, start: Sequence[int], length: int, setting: Setting, seed: int, plain: bool = False
) -> Call:
    """``plain``: without naming a temperature at all."""
    model, tokens = Model(probe), Tokens(np.array([start], dtype=np.int64))
    config = Configuration({**probe.sizes.config, "top_k": setting.top_k, "seed": 0})
    scaling: tuple[Argument, ...] = () if plain else (setting.temperature, setting.horizon)
    return Call((model, tokens, config, length, *scaling), seed=seed)


# --- type and start ---


def check_type(bench: Bench) -> Finding:
    """A LongTensor of shape (1, L + length)."""
    value, (_, length, tokens) = _first(bench)
    found, wanted = value.value, (1, tokens.size + length)
    if found.kind != "tensor":
        return failed(f"`sample` returned {found}; it should return a LongTensor.")
    if found.dtype != "int64":
        return failed(f"`sample` returned {found}; token ids are a LongTensor (int64).")
    if found.shape != wanted:
        return failed(
            f"`sample` returned {found}; for a start of {tokens.size} tokens and length {length} it should "
            f"have shape {wanted}."
        )
    numbers = found.array
    if numbers is None or ((numbers < 0) | (numbers >= value_probe(bench.secret, "type", 13).sizes.vocab_size)).any():
        return failed("`sample` returned numbers that are no token ids: they lie outside the vocabulary.")
    return passed()


def check_start(bench: Bench) -> Finding:
    """The result begins with the start."""
    value, (_, _, tokens) = _first(bench)
    numbers = _flat(value.value)
    if numbers is None or numbers.size < tokens.size or (numbers[: tokens.size] != tokens).any():
        return failed("What `sample` returns does not begin with `start_text`.")
    return passed()


def _first(bench: Bench) -> tuple[Value, tuple[Probe, int, NDArray[np.int64]]]:
    """One call with the arguments that the item shows."""

    def make() -> tuple[Value, tuple[Probe, int, NDArray[np.int64]]]:
        arms(bench.secret, "plain")  # computed while the process is still warming up
        random = bench.random("type")
        probe = value_probe(bench.secret, "type", 13)
        tokens = random.integers(0, 13, 3)
        call = sample_call(probe, tokens.tolist(), 5, Setting(5), seeds(random, 1)[0], plain=True)
        return bench.call("sample", [call])[0], (probe, 5, tokens)

    found: tuple[Value, tuple[Probe, int, NDArray[np.int64]]] = bench.once("first sample", make)
    return found


def _flat(value: Returned) -> NDArray[np.int64] | None:
    """Its numbers in a row where they are whole, whatever its type and shape: that is another test's matter."""
    numbers = value.array
    if value.kind not in ("tensor", "array") or numbers is None or numbers.size > 10_000:
        return None
    with np.errstate(invalid="ignore"):
        whole = numbers.astype(np.int64).reshape(-1)
    return whole if (whole == numbers.reshape(-1)).all() else None


# --- distribution ---


def check_support(bench: Bench) -> Finding:
    """Nothing outside the k likeliest tokens."""
    drawn = draw(bench, "plain")
    if drawn.outside:
        return failed(drawn.outside, draws=drawn.verdict.draws)
    return passed(draws=drawn.verdict.draws)


def check_distribution(bench: Bench) -> Finding:
    """Whole continuations without a temperature."""
    return _judged(draw(bench, "plain"), "without a temperature")


def check_temperature(bench: Bench) -> Finding:
    """Whole continuations with a temperature, horizon 1; short ones, and whether long ones can be right."""
    found = _judged(draw(bench, "temperature"), "with a temperature and horizon 1")
    forgetful = "" if found.state != "passed" else _forgetful(bench, "temperature", _long(bench, "temperature", 1))
    return failed(forgetful, **found.evidence) if forgetful else found


def check_horizon(bench: Bench) -> Finding:
    """Whole continuations with a temperature, horizon 2."""
    return _judged(draw(bench, "horizon"), "with a temperature and horizon 2")


def check_seeds(bench: Bench) -> Finding:
    """Other seeds, other draws."""
    if draw(bench, "plain").fixed:
        return failed(
            "`sample` drew the same tokens again and again although torch, numpy and random were seeded "
            "otherwise before each call. Is a seed set inside it, or is nothing drawn at all?"
        )
    return passed()


def _judged(drawn: Drawn, where: str) -> Finding:
    verdict = drawn.verdict
    evidence = {
        "draws": verdict.draws,
        "log_ratio": verdict.ratio,
        "bound": verdict.bound,
        "mistake": verdict.mistake.name if verdict.mistake else None,
    }
    if verdict.kind == "right":
        return passed(**evidence)
    if verdict.kind == "undecided":
        said = f"After {verdict.draws} draws {where} it is not clear whether they are right; a human looks."
        return Finding("open", said, evidence=evidence)
    said = f"What `sample` draws {where} does not have the right distribution."
    if drawn.fixed:
        said += " It is always the same."
    elif verdict.mistake is not None:
        said += f" The draws look like this mistake: {verdict.mistake.say}"
    elif drawn.outside:
        said += f" {drawn.outside}"
    return failed(said, **evidence)


def draw(bench: Bench, name: str) -> Drawn:
    """Draw until the verdict is clear. Raises Failure."""

    def make() -> Drawn:
        found, named = arms(bench.secret, name)
        test = DrawTest(found, named, BOUND, LEAST[name], MOST)
        return _drawn(bench, name, test, bench.random("draws", name))

    drawn: Drawn = bench.once(f"draws {name}", make)
    return drawn


def _drawn(bench: Bench, name: str, test: DrawTest, random: np.random.Generator) -> Drawn:
    probe, _ = sampling_probe(bench.secret)
    drawn = Drawn(Verdict("undecided", 0, 0.0, test.bound))
    while (verdict := test.verdict()) is None:
        place, count = test.next()
        chosen = test.arms[place]
        start = chosen.start.tolist()
        calls = [sample_call(probe, start, LENGTH, chosen.setting, seed) for seed in seeds(random, count)]
        values = bench.call("sample", calls)
        drawn.changed |= any(value.changed for value in values)
        paths = [_path(value.value, start, LENGTH, probe.sizes.vocab_size) for value in values]
        if any(path is None for path in paths):
            drawn.outside = (
                f"`sample` returned {values[0].value} for a start of {len(start)} tokens and length {LENGTH}: no "
                "continuation can be read from that."
            )
            drawn.verdict = Verdict("wrong", test.draws, 0.0, test.bound)
            return drawn
        rows = np.array(paths)
        drawn.paths.append(rows)
        drawn.arms.append(chosen)
        test.record(place, rows)
    drawn.verdict = verdict
    drawn.fixed = _fixed(drawn)
    if test.impossible:
        drawn.outside = _outside(drawn)
    return drawn


def _path(value: Returned, start: Sequence[int], length: int, vocab: int) -> NDArray[np.int64] | None:
    """The tokens drawn, also where the start is missing or a token too many is there."""
    numbers = _flat(value)
    if numbers is None:
        return None
    with_start = numbers.size >= len(start) + length and numbers[: len(start)].tolist() == list(start)
    path = numbers[len(start) :][:length] if with_start else numbers
    return path if path.size == length and ((path >= 0) & (path < vocab)).all() else None


def _outside(drawn: Drawn) -> str:
    """In words: a token was drawn that has probability zero."""
    for rows, chosen in zip(drawn.paths, drawn.arms, strict=True):
        for path in rows:
            before = 0
            for depth, token in enumerate(path.tolist()):
                if not np.isfinite(chosen.steps[depth][before, token]):
                    k = chosen.setting.top_k
                    return f"A token was drawn that is not among the {k} likeliest (top_k = {k}), at step {depth + 1}."
                before = before * chosen.right.shape[0] + token
    return ""


def _fixed(drawn: Drawn) -> bool:
    """Whether every setting and start gave one path alone, and right draws would hardly do that."""
    by_arm: dict[int, list[NDArray[np.int64]]] = {}
    chosen = {id(one): one for one in drawn.arms}
    for rows, one in zip(drawn.paths, drawn.arms, strict=True):
        by_arm.setdefault(id(one), []).append(rows)
    chance = 0.0
    for name, parts in by_arm.items():
        rows = np.concatenate(parts)
        if (rows != rows[0]).any():
            return False
        chance += (len(rows) - 1) * float(min(chosen[name].right.max(), -1e-3))
    return chance < math.log(SAME)


# --- arguments and limits ---


def check_arguments(bench: Bench) -> Finding:
    """``start_text`` and ``config`` stay as they were."""
    value, _ = _first(bench)
    if value.changed or draw(bench, "plain").changed:
        return failed("`sample` changed one of its arguments in place (`start_text` or `config`).")
    return passed()


def check_context_limit(bench: Bench) -> Finding:
    """Start and continuation together may fill the context, and each token follows from all before it."""
    found = _long(bench, "plain")
    for _, value in found:
        numbers = _flat(value.value)
        if numbers is None or numbers.size != long_probe(bench.secret).sizes.n_ctx:
            return failed(
                "Where start and continuation fill the context of the model, `sample` returns another length."
            )
    forgetful = _forgetful(bench, "plain", found) if _right_on_short_texts(bench, "plain") else ""
    return failed(forgetful) if forgetful else passed()


def _right_on_short_texts(bench: Bench, name: str) -> bool:
    """Otherwise the draws are wrong for another reason, which has been said."""
    try:
        return draw(bench, name).verdict.kind == "right"
    except Failure:
        return False


def _long(bench: Bench, name: str, room: int = 0) -> list[tuple[NDArray[np.int64], Value]]:
    """Starts, and what comes back where the whole text fills the context but for ``room`` tokens. Raises Failure."""
    random, probe = bench.random("long", name), long_probe(bench.secret)
    starts = [random.integers(0, probe.sizes.vocab_size, probe.sizes.n_ctx - room - length) for length in ENDS]
    calls = [
        sample_call(probe, start.tolist(), length, LONG[name], seed)
        for start, length, seed in zip(starts, ENDS, seeds(random, len(ENDS)), strict=True)
    ]
    return list(zip(starts, bench.call("sample", calls), strict=True))


def _forgetful(bench: Bench, name: str, found: Sequence[tuple[NDArray[np.int64], Value]]) -> str:
    """In words: a token was drawn that cannot follow the text. Draws of a few tokens show no window of more."""
    probe, k = long_probe(bench.secret), LONG[name].top_k
    for (start, value), length in zip(found, ENDS, strict=True):
        path = _path(value.value, start.tolist(), length, probe.sizes.vocab_size)
        if path is None:
            said = f"`sample` returned {value.value} for a start of {start.size} tokens and length {length}"
            return f"{said}: no continuation can be read from that."
        before = _outside_after(probe, k, start, path)
        if before is not None:
            return (
                "In long texts, tokens that `sample` draws do not follow from the whole text before them: after "
                f"{before} tokens one was drawn that is not among the {k} likeliest (top_k = {k}). Perhaps the model "
                "sees only a window of the text, such as the last few tokens."
            )
    return ""


def _outside_after(probe: Probe, k: int, start: NDArray[np.int64], path: NDArray[np.int64]) -> int | None:
    """The length of the text before the first token drawn that top-k should have filtered out, rounding aside."""
    text = np.concatenate((start, path))
    log_p = probe.all_log_probs(text[None, :-1])[0, start.size - 1 :]
    kth = np.sort(log_p, axis=1)[:, -k]
    outside = log_p[np.arange(path.size), path] < kth - TIE
    return start.size + int(outside.argmax()) if outside.any() else None
