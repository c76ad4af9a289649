"""Language models, measured and checked, in this process: weights are ours or the instructor's, no student's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.errors import UsageError
from grader.harness import weights
from grader.harness.design import generator
from grader.harness.gpt2 import GPT2
from grader.harness.scoring import scores
from grader.harness.texts import SOURCES, texts_of

ABSOLUTE, RELATIVE = 0.05, 1e-3  # single precision, in another order of operations, differs by far less
HUB = ("gpt2", "openai-community/gpt2")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of ``texts`` texts ``agreeing`` have the log-likelihood that is known of them; of all, ``largest`` is the largest
    difference in nats."""

    texts: int
    agreeing: int
    largest: float

    @property
    def whole(self) -> bool:
        return self.agreeing == self.texts > 0


@dataclass(frozen=True, slots=True)
class Measured:
    """Log-likelihoods of texts of one source, in nats."""

    source: str
    mean: float
    low: float
    high: float


def fetched() -> Path | None:
    """The real weights, if a program fetched them from the hub before. Nothing is fetched here."""
    try:
        return next((found for name in HUB if (found := weights._cached(name))), None)
    except UsageError:  # there is no huggingface_hub, so nobody fetched them with it
        return None


def agreement(source: Path, device: str, table: Path) -> Agreement:
    """How the weights of a source agree with the log-likelihoods that the real ones are known to give, in ``table``.

    Raises UsageError where they, or their tokenizer, cannot be read, and where a text is too long for them.
    """
    model = weights.load(source, device)
    said = json.loads(table.read_text("utf-8"))
    known = [one for part in said.values() if isinstance(part, list) for one in part]
    found = _scored(model, source, [one["text"] for one in known])
    differences = [abs(score - one["log_likelihood"]) for score, one in zip(found, known, strict=True)]
    allowed = [ABSOLUTE + RELATIVE * abs(one["log_likelihood"]) for one in known]
    agreeing = sum(difference <= most for difference, most in zip(differences, allowed, strict=True))
    return Agreement(len(known), agreeing, max(differences, default=0.0))


def measured(source: Path, device: str, count: int, length: int, seed: int) -> list[Measured]:
    """What a model says of ``count`` strings of ``length`` characters from each source of texts."""
    model = weights.load(source, device)
    found = []
    for name in SOURCES:
        random = generator("grade models", seed, name)
        scored = _scored(model, source, [texts_of(name, length, random) for _ in range(count)])
        found.append(Measured(name, float(np.mean(scored)), min(scored), max(scored)))
    return found


def _scored(model: GPT2, source: Path, texts: Sequence[str]) -> list[float]:
    tokens = [np.array(weights.encode(source, text), dtype=np.int64) for text in texts]
    longest = max((text.size for text in tokens), default=0)
    if longest > model.config.n_ctx:
        raise UsageError(f"{source} takes {model.config.n_ctx} tokens at most; a text to score has {longest}")
    return scores(model, tokens)
