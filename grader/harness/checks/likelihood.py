"""Tests of ``log_likelihood``: its values against exact ones."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from grader.harness.checks.bench import Bench, Finding, failed, passed, seeds
from grader.harness.design import value_probe
from grader.harness.probes import LogProbs, Probe
from grader.harness.probes import Tokens as TokenArray
from grader.harness.protocol import Returned
from grader.harness.session import Call, Model, Tokens, Value
from grader.harness.texts import texts_of

ABSOLUTE, RELATIVE = 1e-2, 1e-5
ONE_FROM = 0.01  # how far from 1 a sum of probabilities may be
LENGTHS = tuple(range(2, 17))
LONG = (("shakespeare", 100), ("technical", 100), ("random", 200))


def number(value: Returned) -> float | None:
    """The number that was returned, if it is one, whatever its type."""
    if value.array is None or value.array.size != 1 or value.kind in ("bool", "none", "other"):
        return None
    return float(value.array.reshape(-1)[0])


def call_of(model: Model, text: Any, seed: int) -> Call:
    return Call((model, Tokens(np.asarray(text)[None])), seed=seed)


def close(value: float, exact: float) -> bool:
    """Within single precision's reach."""
    return abs(value - exact) <= ABSOLUTE + RELATIVE * abs(exact)


def check_type(bench: Bench) -> Finding:
    """A Python float; a NumPy scalar or 0-d tensor is remarked."""
    _, value = _on_probe(bench)[0]
    got = value.value
    if got.kind == "float":
        return passed()
    if got.kind == "numpy" or (got.kind in ("tensor", "array") and got.shape == ()):
        floating = got.array is not None and got.array.dtype.kind == "f"
        if floating:
            return passed(f"`log_likelihood` returned {got}; a Python float was asked for (`.item()` makes it one).")
    return failed(f"`log_likelihood` returned {got}; it should return a float.")


def check_arguments(bench: Bench) -> Finding:
    """``text`` stays as it was."""
    if any(value.changed for _, value in _on_probe(bench)):
        return failed("`log_likelihood` changed `text` in place.")
    return passed()


# --- values ---


def check_values(bench: Bench) -> Finding:
    """Texts of 2 tokens up to the whole context, on a probe and on the language model."""
    found = _on_probe(bench)
    probe = value_probe(bench.secret, "likelihood", 11)
    finding = _against([(probe.log_likelihood(text), value) for text, value in found], "on a small model")
    if finding.state == "failed":
        mistake = _mistake(probe, found)
        return failed(f"{finding.say} {mistake}".strip(), **finding.evidence)
    return finding


def check_long_texts(bench: Bench) -> Finding:
    """Texts of the course's length, and longer ones."""
    random = bench.random("long texts")
    texts = bench.language.encoded([texts_of(source, length, random) for source, length in LONG])
    model = Model(bench.language.name)
    calls = [call_of(model, text, seed) for text, seed in zip(texts, seeds(random, len(texts)), strict=True)]
    values = bench.call("log_likelihood", calls)
    return _against(list(zip(bench.language.scores(texts), values, strict=True)), "on long texts")


def _on_probe(bench: Bench) -> list[tuple[TokenArray, Value]]:
    def make() -> list[tuple[TokenArray, Value]]:
        random = bench.random("likelihood")
        model = Model(value_probe(bench.secret, "likelihood", 11))
        texts = [random.integers(0, 11, length) for length in LENGTHS]
        calls = [call_of(model, text, seed) for text, seed in zip(texts, seeds(random, len(texts)), strict=True)]
        return list(zip(texts, bench.call("log_likelihood", calls), strict=True))

    found: list[tuple[TokenArray, Value]] = bench.once("likelihood", make)
    return found


def _against(pairs: Sequence[tuple[float, Value]], where: str) -> Finding:
    worst = 0.0
    for exact, value in pairs:
        got = number(value.value)
        if got is None or not math.isfinite(got):
            what = f"{value.value}" if got is None else f"{got}"
            return failed(f"`log_likelihood` returned {what} {where}; it should be a finite number.")
        worst = max(worst, abs(got - exact))
    wrong = [exact for exact, value in pairs if not close(number(value.value) or 0.0, exact)]
    if not wrong:
        return passed(largest_difference=round(worst, 6))
    return failed(
        f"{len(wrong)} of {len(pairs)} log-likelihoods are not right {where}.", largest_difference=round(worst, 6)
    )


# --- what probabilities must do ---


def check_sums_to_one(bench: Bench) -> Finding:
    """The probabilities of all strings with the same first token add up to 1."""
    vocab, rest = 4, 2
    probe = value_probe(bench.secret, "sum", vocab)
    first = int(bench.random("sum").integers(vocab))
    texts = [(first, *tokens) for tokens in itertools.product(range(vocab), repeat=rest)]
    calls = [call_of(Model(probe), text, 0) for text in texts]
    found = [number(value.value) for value in bench.call("log_likelihood", calls)]
    if any(value is None or not value < 50 for value in found):
        return failed("`log_likelihood` does not return log-probabilities: its exponentials cannot be added up.")
    total = sum(math.exp(value) for value in found if value is not None)
    if abs(total - 1) > ONE_FROM:
        said = f"The probabilities exp(log_likelihood) of all {len(texts)} strings with the same first token add up to"
        about = f"{total:.3g}" if 0.01 <= total < 100 else "more than 100" if total > 1 else "less than 0.01"
        return failed(f"{said} {about}, not to 1.", total=round(total, 6))
    return passed(total=round(total, 6))


def check_additive(bench: Bench) -> Finding:
    """What a text gains by a further piece is the piece's log-likelihood given the text."""
    random = bench.random("additive")
    probe = value_probe(bench.secret, "likelihood", 11)
    texts = [random.integers(0, 11, 12) for _ in range(3)]
    calls = [call_of(Model(probe), part, 0) for text in texts for part in (text, text[:7])]
    found = [number(value.value) for value in bench.call("log_likelihood", calls)]
    for text, whole, start in zip(texts, found[::2], found[1::2], strict=True):
        gained = probe.log_likelihood(text) - probe.log_likelihood(text[:7])
        if whole is None or start is None or not close(whole - start, gained):
            return failed(
                "log p(ab) should be log p(a) + log p(b | a): lengthening a text changes what `log_likelihood` says "
                "by another amount."
            )
    return passed()


# --- mistakes with a name ---

_Formula: TypeAlias = Callable[[LogProbs, TokenArray], float]


def _right(log_p: LogProbs, text: TokenArray) -> float:
    return float(log_p[np.arange(len(text) - 1), text[1:]].sum())


MISTAKES: dict[str, _Formula] = {
    "The sign is the wrong way round: a log-likelihood is negative.": lambda p, x: -_right(p, x),
    "It is the mean over the tokens; the sum was asked for.": lambda p, x: _right(p, x) / (len(x) - 1),
    "It is divided by the number of tokens; the sum was asked for.": lambda p, x: _right(p, x) / len(x),
    "It is in bits (logarithm to base 2); nats were asked for.": lambda p, x: _right(p, x) / math.log(2),
    "It is the likelihood itself, not its logarithm.": lambda p, x: math.exp(_right(p, x)),
    "The logits at a position are compared with the token at that position; they predict the next one.": (
        lambda p, x: float(p[np.arange(len(x)), x].sum())
    ),
    "The same position is used for logits and tokens, from the second on; logits predict the next token.": (
        lambda p, x: float(p[np.arange(1, len(x)), x[1:]].sum())
    ),
    "The last token is not counted.": lambda p, x: _right(p, x[:-1]),
    "Only the last token is counted.": lambda p, x: float(p[len(x) - 2, x[-1]]),
    "The second token is not counted.": lambda p, x: _right(p, x) - float(p[0, x[1]]),
    "The first token is counted as if it were uniform; nothing predicts it, so it is left out.": (
        lambda p, x: _right(p, x) - math.log(p.shape[1])
    ),
}


def _mistake(probe: Probe, found: Sequence[tuple[TokenArray, Value]]) -> str:
    """What explains all values, if anything does. Texts of two tokens are not enough to tell."""
    longer = [(text, number(value.value)) for text, value in found if len(text) > 2]
    for said, formula in MISTAKES.items():
        values = [(formula(probe.all_log_probs(text[None])[0], text), got) for text, got in longer]
        if all(got is not None and abs(got - value) <= 1e-3 + 1e-3 * abs(value) for value, got in values):
            return said
    return ""
