"""What a sampler should draw from, and what mistaken ones draw from: exact, on probe models.

A sampler sees some context through the model at every step (``see``) and makes log-weights of the next token from it
(``weigh``). A mistake changes one of the two. So every mistake that has a name here also has a distribution, and draws
tell which of them they come from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from grader.harness.probes import LogProbs, Probe, Tokens, log_softmax


@dataclass(frozen=True, slots=True)
class Setting:
    """``top_k`` = 0 filters nothing; ``temperature`` None scales nothing; ``horizon`` is 1 or 2 tokens."""

    top_k: int
    temperature: float | None = None
    horizon: int = 1

    def __str__(self) -> str:
        scaled = "no temperature" if self.temperature is None else f"T = {self.temperature:g}, horizon {self.horizon}"
        return f"top_k = {self.top_k}, {scaled}"


See: TypeAlias = Callable[[Tokens, int], Tokens]
Weigh: TypeAlias = Callable[[Probe, Setting, Tokens], LogProbs]


# --- log-weights of the next token ---


def filtered(logits: LogProbs, k: int) -> LogProbs:
    """``-inf`` below the k-th largest of each row; k = 0 leaves all."""
    if k == 0:
        return logits
    kth = np.sort(logits, axis=-1)[..., -k, None]
    return np.where(logits < kth, -np.inf, logits)


def first_step(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    """Normalised log-probabilities after top-k."""
    return log_softmax(filtered(probe.logits(contexts), setting.top_k))


def second_step(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    """The same one token later, for every candidate: ``(N, vocab, vocab)``."""
    return log_softmax(filtered(_second_logits(probe, contexts), setting.top_k))


def _second_logits(probe: Probe, contexts: Tokens, past: bool = True) -> LogProbs:
    rows, vocab = len(contexts), probe.sizes.vocab_size
    candidates = np.tile(np.arange(vocab), rows)[:, None]
    longer = np.concatenate((np.repeat(contexts, vocab, axis=0), candidates), axis=1) if past else candidates
    return probe.logits(longer).reshape(rows, vocab, vocab)


def _summed(values: LogProbs) -> LogProbs:
    """log Σ exp over the last axis, -inf where all are."""
    highest = np.maximum(values.max(axis=-1, keepdims=True), -1e300)
    with np.errstate(divide="ignore"):
        found: LogProbs = np.log(np.exp(values - highest).sum(axis=-1)) + highest[..., 0]
    return found


def weigh(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    """What is right: the definition in the items (DESIGN §8)."""
    if setting.temperature is None:
        return first_step(probe, setting, contexts)
    if setting.horizon == 1:
        return first_step(probe, setting, contexts) / setting.temperature
    first, second = first_step(probe, setting, contexts), second_step(probe, setting, contexts)
    return _summed((first[..., None] + second) / setting.temperature)


def _with(top_k: Callable[[int, int], int]) -> Weigh:
    """Right but for the filter: ``top_k(k, vocab)`` tokens pass."""

    def weigh_so(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
        k = setting.top_k and top_k(setting.top_k, probe.sizes.vocab_size)
        return weigh(probe, Setting(k, setting.temperature, setting.horizon), contexts)

    return weigh_so


def _at(temperature: Callable[[float], float]) -> Weigh:
    """Right but for the temperature; nothing changes where there is none."""

    def weigh_so(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
        t = setting.temperature
        return weigh(probe, Setting(setting.top_k, None if t is None else temperature(t), setting.horizon), contexts)

    return weigh_so


def _scaled(power: float) -> Weigh:
    """Right but for a power of all probabilities, with or without a temperature."""
    return lambda probe, setting, contexts: weigh(probe, setting, contexts) * power


def _horizon(horizon: int) -> Weigh:
    return lambda probe, setting, contexts: weigh(probe, Setting(setting.top_k, setting.temperature, horizon), contexts)


def _greedy(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    weights = weigh(probe, setting, contexts)
    return np.where(weights == weights.max(axis=-1, keepdims=True), 0.0, -np.inf)


def _uniform(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    return np.where(np.isneginf(weigh(probe, setting, contexts)), -np.inf, 0.0)


def _twice(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    return np.exp(log_softmax(weigh(probe, setting, contexts)))


def _of_probabilities(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    return np.exp(first_step(probe, setting, contexts)) / (setting.temperature or 1.0)


def _second_alone(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    second = second_step(probe, setting, contexts)
    kept = np.isfinite(first_step(probe, setting, contexts))
    return np.where(kept, _summed(second / (setting.temperature or 1.0)), -np.inf)


def _unscaled_first(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    second = second_step(probe, setting, contexts) / (setting.temperature or 1.0)
    return first_step(probe, setting, contexts) + _summed(second)


def _joint(second: Callable[[Probe, Setting, Tokens], LogProbs], reduce: Callable[[LogProbs], LogProbs]) -> Weigh:
    """Two tokens with another second factor, or put together in another way."""

    def weigh_so(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
        first = first_step(probe, setting, contexts)
        return reduce((first[..., None] + second(probe, setting, contexts)) / (setting.temperature or 1.0))

    return weigh_so


def _second_unfiltered(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    return log_softmax(_second_logits(probe, contexts))


def _second_raw(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    return filtered(_second_logits(probe, contexts), setting.top_k)


def _second_forgetful(probe: Probe, setting: Setting, contexts: Tokens) -> LogProbs:
    return log_softmax(filtered(_second_logits(probe, contexts, past=False), setting.top_k))


def _added_up(joint: LogProbs) -> LogProbs:
    """The logarithms added instead of the probabilities."""
    finite = np.isfinite(joint)
    found: LogProbs = np.where(finite, joint, 0.0).sum(axis=-1) + np.where(finite.any(axis=-1), 0.0, -np.inf)
    return found


# --- what the model is shown ---


def everything(contexts: Tokens, start: int) -> Tokens:
    return contexts


def _refed(contexts: Tokens, start: int) -> Tokens:
    """The whole text given again at every step, although the past holds it already."""
    return np.concatenate([contexts[:, :length] for length in range(start, contexts.shape[1] + 1)], axis=1)


# --- samplers ---


@dataclass(frozen=True, slots=True)
class Sampler:
    """``say`` tells a student what the mistake is; the right sampler has none."""

    name: str
    say: str = ""
    see: See = everything
    weigh: Weigh = weigh


RIGHT = Sampler("right")
OF_DRAWS = (
    Sampler("no filter", "Top-k is not applied: tokens below the k-th largest logit are drawn.", weigh=_with(max)),
    Sampler("filter k + 1", "One token too many passes the top-k filter.", weigh=_with(lambda k, v: min(k + 1, v))),
    Sampler(
        "filter k - 1",
        "One token too few passes the top-k filter: the k-th largest stays.",
        weigh=_with(lambda k, v: max(k - 1, 1)),
    ),
    Sampler("greedy", "The likeliest token is taken every time; it should be drawn.", weigh=_greedy),
    Sampler("uniform", "Tokens that pass the filter are drawn with equal probabilities.", weigh=_uniform),
    Sampler(
        "too sharp",
        "Likely tokens are drawn too often: probabilities are sharpened once too often on the way to the draw.",
        weigh=_scaled(1.4),
    ),
    Sampler(
        "too flat",
        "Likely tokens are not drawn often enough: probabilities are flattened on the way to the draw.",
        weigh=_scaled(0.7),
    ),
    Sampler("softmax twice", "Softmax is applied twice, or to probabilities instead of logits.", weigh=_twice),
    Sampler(
        "memoryless",
        "Each token depends on the token before it alone: the past is not passed on to the model.",
        see=lambda contexts, start: contexts[:, -1:],
    ),
    Sampler(
        "start alone",
        "All tokens are drawn as if they followed the start: what was drawn does not reach the next step.",
        see=lambda contexts, start: contexts[:, :start],
    ),
    Sampler(
        "fed twice",
        "The model gets the whole text again together with the past, which holds it already.",
        see=_refed,
    ),
    Sampler(
        "one position early",
        "The logits are not those of the last position but of the one before it.",
        see=lambda contexts, start: contexts[:, : max(contexts.shape[1] - 1, 1)],
    ),
    Sampler(
        "first position",
        "The logits are those of the first position, not of the last.",
        see=lambda contexts, start: contexts[:, :1],
    ),
)
OF_TEMPERATURE = (
    Sampler("temperature ignored", "The temperature has no effect on what is drawn.", weigh=_at(lambda t: 1.0)),
    Sampler("temperature inverted", "Logits are multiplied by T; they should be divided.", weigh=_at(lambda t: 1 / t)),
    Sampler("temperature twice", "The temperature is applied twice (1/T² instead of 1/T).", weigh=_at(lambda t: t * t)),
    Sampler("root of temperature", "The temperature acts as its square root would.", weigh=_at(lambda t: t**0.5)),
    Sampler(
        "temperature of probabilities",
        "The temperature divides probabilities; it should divide logits, before the softmax.",
        weigh=_of_probabilities,
    ),
)
OF_HORIZON_1 = (Sampler("horizon 2 for 1", "With horizon 1 two tokens are scaled.", weigh=_horizon(2)),)
OF_HORIZON_2 = (
    Sampler(
        "horizon 1 for 2",
        "The result is that of horizon 1: the second token has no effect (scaled after it is summed out?).",
        weigh=_horizon(1),
    ),
    Sampler("second alone", "The first token's own probability is missing.", weigh=_second_alone),
    Sampler("first unscaled", "The temperature scales the second token alone.", weigh=_unscaled_first),
    Sampler("second unfiltered", "Top-k is missing at the second step.", weigh=_joint(_second_unfiltered, _summed)),
    Sampler(
        "second unnormalised",
        "The second token's logits are used without normalising them (log-softmax).",
        weigh=_joint(_second_raw, _summed),
    ),
    Sampler(
        "second without past",
        "The second token is predicted without the past: `new_past` must go to the model.",
        weigh=_joint(_second_forgetful, _summed),
    ),
    Sampler(
        "maximum over second",
        "The largest joint probability is taken where the sum over the second token is needed.",
        weigh=_joint(second_step, lambda joint: joint.max(axis=-1)),
    ),
    Sampler(
        "logarithms added",
        "Logarithms are added over the second token; their exponentials should be.",
        weigh=_joint(second_step, _added_up),
    ),
)


def mistakes(setting: Setting) -> tuple[Sampler, ...]:
    """The mistakes with a name that show in this setting."""
    if setting.temperature is None:
        return OF_DRAWS
    of_horizon = OF_HORIZON_1 if setting.horizon == 1 else OF_HORIZON_2
    return (*OF_DRAWS, *OF_TEMPERATURE, *of_horizon)


def continuations(probe: Probe, sampler: Sampler, setting: Setting, start: Tokens, length: int) -> LogProbs:
    """Log-probability of every continuation of ``start`` ``(L,)``: shape ``(vocab,) * length``, in base-vocab order."""
    vocab = probe.sizes.vocab_size
    paths: Tokens = np.zeros((1, 0), dtype=np.int64)
    found: LogProbs = np.zeros(1)
    for _ in range(length):
        contexts = np.concatenate((np.broadcast_to(start, (len(paths), len(start))), paths), axis=1)
        seen = np.ascontiguousarray(sampler.see(contexts, len(start)))
        found = (found[:, None] + log_softmax(sampler.weigh(probe, setting, seen))).reshape(-1)
        paths = np.concatenate(
            (np.repeat(paths, vocab, axis=0), np.tile(np.arange(vocab), len(paths))[:, None]), axis=1
        )
    return found.reshape((vocab,) * length)
