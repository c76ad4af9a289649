"""A language model as the warm process holds it: tokens, exact scores, and texts to judge on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.harness.design import generator
from grader.harness.protocol import pack
from grader.harness.session import said
from grader.harness.texts import texts_of
from grader.sandbox.endings import Died
from grader.sandbox.limits import Limits
from grader.sandbox.warm import Warm

LENGTHS = (100, 100, 100, 90, 110)  # characters; the course's is 100
PROSE_ABOVE, RANDOM_BELOW = -2.3, -3.8  # nats per character: a text that is not clearly on its side is left out
BATCH = 32
EMPTY = 3  # batches without a single text that is clear: this model is no language model of English
SECONDS = 600.0


@dataclass
class Language:
    """``name`` is the model's. Raises Died where the warm process cannot be had."""

    warm: Warm
    name: str
    _pools: dict[tuple[str, str, int], tuple[Any, ...]] = field(default_factory=dict)

    def encoded(self, texts: Sequence[str]) -> list[Any]:
        """The tokens of each text, (L,)."""
        _, arrays = self._ask({"do": "encode", "model": self.name, "texts": list(texts)}, [])
        return arrays

    def scores(self, tokens: Sequence[Any]) -> list[float]:
        """Log-likelihoods of tokens 2 to L of each text, in nats, summed in double precision."""
        header, _ = self._ask({"do": "score", "model": self.name}, tokens)
        return [float(score) for score in header["scores"]]

    @property
    def sizes(self) -> dict[str, Any]:
        """The model's sizes under the names of ``config.json``."""
        header, _ = self._ask({"do": "sizes", "model": self.name}, [])
        return header

    @property
    def vocabulary(self) -> int:
        return int(self.sizes["vocab_size"])

    def decoded(self, tokens: Sequence[Any]) -> list[str]:
        """What each row of tokens (L,) of the vocabulary reads as."""
        header, _ = self._ask({"do": "decode", "model": self.name}, tokens)
        return [str(text) for text in header["texts"]]

    def continued(self, start: Any, ways: Sequence[tuple[int, int, float | None, int]]) -> list[Any]:
        """Our own samples, (L + length,): each way is (length, top_k, temperature, seed)."""
        _, arrays = self._ask({"do": "continue", "model": self.name, "ways": list(ways)}, [start])
        return arrays

    def _ask(self, header: dict[str, Any], arrays: Sequence[Any]) -> tuple[dict[str, Any], list[Any]]:
        """In a child that holds no student's code. Where it dies it is tried once more."""
        message = pack(header, arrays)
        try:
            return self._asked(message)
        except Died:
            return self._asked(message)

    def _asked(self, message: bytes) -> tuple[dict[str, Any], list[Any]]:
        with self.warm.child(Limits(cpu=SECONDS)) as child:
            return said(child.ask(message, SECONDS))

    def texts(self, source: str, secret: str, order: str) -> Iterator[Any]:
        """Tokens of texts that lie clearly on their side under this model, without end.

        ``secret`` decides which there are, ``order`` in which order they come. Raises Died where there are none.
        """
        empty = part = 0
        while empty < EMPTY:
            found = self._pool(secret, source, part)
            for place in generator(order, source, part).permutation(len(found)):
                yield found[place]
            empty, part = 0 if found else empty + 1, part + 1
        raise Died(f"under the model {self.name} hardly any text of the source {source} lies clearly on its side")

    def _pool(self, secret: str, source: str, part: int) -> tuple[Any, ...]:
        name = secret, source, part
        if name not in self._pools:
            random = generator(secret, "texts", source, part)
            lengths = [LENGTHS[place % len(LENGTHS)] for place in range(BATCH)]
            tokens = self.encoded([texts_of(source, length, random) for length in lengths])
            scored = zip(lengths, tokens, self.scores(tokens), strict=True)
            self._pools[name] = tuple(text for length, text, score in scored if _clear(source, length, score))
        return self._pools[name]


def _clear(source: str, length: int, score: float) -> bool:
    if source == "random":
        return score < RANDOM_BELOW * max(length, 100)
    return score > PROSE_ABOVE * min(length, 100)
