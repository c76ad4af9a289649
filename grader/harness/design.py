"""Which probes, starts and settings to draw from: chosen so that every mistake shows within few draws.

Hidden weights come from the item and the secret in ``reference/``, so that they are the same for a whole class, and
nobody without the secret can compute them.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from grader.harness.probes import LogProbs, Probe, Sizes, draw_probe
from grader.harness.samplers import Sampler, Setting, mistakes
from grader.harness.sequential import Arm, arm

CANDIDATES = 10
STARTS = (2, 4)
LENGTH = 3  # tokens per draw
TEMPERATURES = (0.5, 0.95, 2.0)
TIE = 1e-4  # logits at the edge of the filter that come nearer could change places in single precision
WORTH = 0.1  # nats per draw beyond which a mistake shows well enough

SETTINGS: dict[str, tuple[Setting, ...]] = {
    "plain": (Setting(4), Setting(0), Setting(2)),
    "temperature": tuple(Setting(4, t) for t in TEMPERATURES),
    "horizon": tuple(Setting(5, t, 2) for t in TEMPERATURES),
}
SHORT = (Setting(4), Setting(4, 2.0), Setting(5, 2.0, 2))  # by which probes are compared


def generator(*seeds: object) -> np.random.Generator:
    """Random numbers that depend on all of ``seeds`` and on nothing else."""
    digest = hashlib.sha256("\0".join(map(str, seeds)).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, np.uint32))


@lru_cache(maxsize=8)
def sampling_probe(secret: str) -> tuple[Probe, tuple[tuple[int, ...], ...]]:
    """The probe to draw from and its starts: of some candidates the one on which mistakes show best."""
    found = []
    for place in range(CANDIDATES):
        random = generator(secret, "probe", place)
        probe = draw_probe(f"probe {place}", Sizes(), random)
        starts = tuple(tuple(random.integers(0, probe.sizes.vocab_size, length).tolist()) for length in STARTS)
        found.append((_worth(probe, starts), place, probe, starts))
    ranked = sorted(found, key=lambda one: one[:2], reverse=True)
    _, _, probe, starts = next((one for one in ranked if gap(*one[2:]) > TIE), ranked[0])
    return probe, starts


def _worth(probe: Probe, starts: Sequence[Sequence[int]]) -> float:
    """How well the mistakes show: each counts up to a point, so that none is given up for another."""
    total = 0.0
    for setting in SHORT:
        arms = [arm(probe, setting, np.array(start), 2, mistakes(setting)) for start in starts]
        distances = np.max([one.distances() for one in arms], axis=0)
        total += float(np.minimum(distances, WORTH).sum())
    return total


def gap(probe: Probe, starts: Sequence[Sequence[int]]) -> float:
    """How near the k-th largest logit comes to the next, in any context that tokens are drawn in."""
    filters = {setting.top_k for settings in SETTINGS.values() for setting in settings if setting.top_k}
    least = np.inf
    for start, length in itertools.product(starts, range(LENGTH)):
        paths = list(itertools.product(range(probe.sizes.vocab_size), repeat=length))
        logits = probe.logits(np.array([(*start, *path) for path in paths]))
        least = min(least, *(edges(logits, k).min() for k in filters))
    return float(least)


def edges(logits: LogProbs, k: int) -> LogProbs:
    """How far the k-th largest logit of each row is above the next, ``(N, vocab) -> (N,)``."""
    ordered = np.sort(logits, axis=1)
    found: LogProbs = ordered[:, -k] - ordered[:, -k - 1]
    return found


@lru_cache(maxsize=16)
def arms(secret: str, name: str) -> tuple[tuple[Arm, ...], tuple[Sampler, ...]]:
    """All there is to draw from in the settings of that name, and the mistakes that are told apart."""
    probe, starts = sampling_probe(secret)
    named = mistakes(SETTINGS[name][0])
    found = [arm(probe, s, np.array(start), LENGTH, named) for s in SETTINGS[name] for start in starts]
    return tuple(found), named


@lru_cache(maxsize=8)
def long_probe(secret: str) -> Probe:
    """A probe for long texts: of many tokens, and of some candidates the one on which it varies most which of them are
    the likeliest, so that whoever sees another context than the whole text draws what cannot follow it."""
    sizes = Sizes(vocab_size=100, n_ctx=64, n_embd=16)
    return min((draw_probe("long", sizes, generator(secret, "long", place)) for place in range(6)), key=_sameness)


def _sameness(probe: Probe) -> float:
    """How likely two random texts have the same token among their likeliest two, about."""
    texts = generator("texts").integers(0, probe.sizes.vocab_size, (60, probe.sizes.n_ctx // 4))
    likeliest = np.argsort(probe.logits(texts), axis=1)[:, -2:]
    shares = np.bincount(likeliest.reshape(-1)) / likeliest.size
    return float((shares**2).sum())


@lru_cache(maxsize=16)
def value_probe(secret: str, purpose: str, vocab: int) -> Probe:
    """A probe with another vocabulary, for the functions whose values are compared."""
    return draw_probe(f"{purpose} {vocab}", Sizes(vocab_size=vocab), generator(secret, purpose, vocab))
