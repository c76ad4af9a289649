"""Probe models: tiny GPT-2s with hidden random weights, whose distributions are computed exactly.

A student's code is called with the probe in PyTorch (``gpt2``), in single precision. Here the same network stands a
second time, in NumPy and double precision and without any cache, so that what is right does not depend on the code that
students' functions ran on.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Tokens: TypeAlias = NDArray[np.int64]
LogProbs: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Weights: TypeAlias = dict[str, NDArray[np.float32]]

SPREAD = 0.9  # of the weights: next-token distributions are far from uniform, and differ from context to context
EPSILON = 1e-5


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of a probe, under the names of ``config.json``."""

    vocab_size: int = 8
    n_ctx: int = 16
    n_embd: int = 8
    n_layer: int = 2
    n_head: int = 2

    @property
    def config(self) -> dict[str, Any]:
        """As in a ``config.json``, but for ``top_k`` and ``seed``."""
        return asdict(self) | {"n_positions": self.n_ctx, "layer_norm_epsilon": EPSILON}


@dataclass(frozen=True, slots=True)
class Probe:
    """A model and its exact distributions. ``name`` tells it from others."""

    name: str
    sizes: Sizes
    weights: Weights
    _known: dict[bytes, LogProbs] = field(default_factory=dict, repr=False)

    def logits(self, contexts: Tokens) -> LogProbs:
        """Of the token after each context, ``(N, L) -> (N, vocab)``; kept, for they are needed often.

        L is at least 1 and at most the context of the model.
        """
        name = contexts.tobytes() + bytes([contexts.shape[-1]])
        if name not in self._known:
            self._known[name] = logits(contexts, self.weights, self.sizes)[:, -1]
        return self._known[name]

    def all_log_probs(self, tokens: Tokens) -> LogProbs:
        """Log-probabilities of the token after every position, ``(N, L) -> (N, L, vocab)``."""
        return log_softmax(logits(tokens, self.weights, self.sizes))

    def log_likelihood(self, tokens: Tokens) -> float:
        """Of one text ``(L,)``: the sum over tokens 2 to L of log p(token | tokens before), in nats."""
        found = self.all_log_probs(tokens[None, :-1])[0]
        return float(found[np.arange(len(tokens) - 1), tokens[1:]].sum())


def draw_probe(name: str, sizes: Sizes, random: np.random.Generator) -> Probe:
    """A probe whose weights are normal, as large as leaves no distribution flat and none almost certain."""
    width = sizes.n_embd
    shapes: dict[str, tuple[int, ...]] = {"wte": (sizes.vocab_size, width), "wpe": (sizes.n_ctx, width)}
    for layer in range(sizes.n_layer):
        inner = {"attn.c_attn": 3 * width, "attn.c_proj": width, "mlp.c_fc": 4 * width}
        shapes |= {f"h.{layer}.{part}": (width, outputs) for part, outputs in inner.items()}
        shapes[f"h.{layer}.mlp.c_proj"] = (4 * width, width)
    weights: dict[str, NDArray[np.float64]] = {}
    for part, shape in shapes.items():
        weights[f"{part}.weight"] = random.normal(0, SPREAD / math.sqrt(shape[0] if "." in part else 2), shape)
        if "." in part:
            weights[f"{part}.bias"] = random.normal(0, 0.3, shape[1:])
    for part in [f"h.{layer}.ln_{i}" for layer in range(sizes.n_layer) for i in (1, 2)] + ["ln_f"]:
        weights[f"{part}.weight"] = random.uniform(0.7, 1.3, width)
        weights[f"{part}.bias"] = random.normal(0, 0.1, width)
    return Probe(name, sizes, {part: values.astype(np.float32) for part, values in weights.items()})


def log_softmax(values: LogProbs) -> LogProbs:
    """Over the last axis; ``-inf`` stays ``-inf``."""
    highest = values.max(axis=-1, keepdims=True)
    shifted = values - highest
    normal: LogProbs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normal


# --- GPT-2 in double precision ---


def logits(tokens: Tokens, weights: Weights, sizes: Sizes) -> NDArray[np.float64]:
    """``(N, L) -> (N, L, vocab)``: the network that ``gpt2.GPT2`` is."""
    exact = {name: values.astype(np.float64) for name, values in weights.items()}
    x = exact["wte.weight"][tokens] + exact["wpe.weight"][: tokens.shape[1]]
    for layer in range(sizes.n_layer):
        block = {name.removeprefix(f"h.{layer}."): w for name, w in exact.items() if name.startswith(f"h.{layer}.")}
        x = x + _attention(_normalised(x, block, "ln_1"), block, sizes.n_head)
        inner = _gelu(_projected(_normalised(x, block, "ln_2"), block, "mlp.c_fc"))
        x = x + _projected(inner, block, "mlp.c_proj")
    out: NDArray[np.float64] = _normalised(x, exact, "ln_f") @ exact["wte.weight"].T
    return out


def _projected(x: Any, weights: Any, name: str) -> Any:
    return x @ weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _normalised(x: Any, weights: Any, name: str) -> Any:
    centred = x - x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
    return centred / deviation * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _gelu(x: Any) -> Any:
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def _attention(x: Any, weights: Any, heads: int) -> Any:
    rows, length, width = x.shape
    parts = _projected(x, weights, "attn.c_attn").reshape(rows, length, 3, heads, width // heads)
    query, key, value = (parts[:, :, i].transpose(0, 2, 1, 3) for i in range(3))
    scores = query @ key.transpose(0, 1, 3, 2) / math.sqrt(width // heads)
    scores = np.where(np.tril(np.ones((length, length), dtype=bool)), scores, -np.inf)
    attended = (np.exp(log_softmax(scores)) @ value).transpose(0, 2, 1, 3).reshape(rows, length, width)
    return _projected(attended, weights, "attn.c_proj")
