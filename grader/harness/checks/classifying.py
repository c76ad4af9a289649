"""Tests of ``classification``: how often it is right, and whether it asks the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.harness.checks.bench import Bench, Finding, failed, passed, seeds
from grader.harness.checks.likelihood import call_of
from grader.harness.probes import Probe, Sizes, Weights
from grader.harness.protocol import Returned
from grader.harness.sequential import RateTest
from grader.harness.session import Model
from grader.harness.texts import SOURCES, texts_of

GOOD, POOR, BOUND = 0.95, 0.80, 3e-7  # for each of three sources
MOST = 600  # texts of a source; then the likelier of the two rates decides
BATCH = 30  # three of them clear one that makes no mistake
GROSS = 0.65  # right less often than this, on all texts together: no matter of a threshold
BRANCHES = 4  # tokens that are likely at each position of the turned model
TURNED = 24  # texts of each kind for it


@dataclass(frozen=True, slots=True)
class Answers:
    """What the classifier said of the texts of one source; None where it was neither True nor False."""

    source: str
    said: tuple[bool | None, ...]
    verdict: str

    @property
    def right(self) -> int:
        return sum(one is (self.source == "random") for one in self.said)

    @property
    def rate(self) -> float:
        return self.right / len(self.said)


def answer(value: Returned) -> bool | None:
    """True or False, also where it came as 1 or 0."""
    if value.array is None or value.array.size != 1 or value.kind in ("float", "none", "other"):
        return None
    number = value.array.reshape(-1)[0]
    return bool(number) if number in (0, 1) else None


# --- how often it is right ---


def answers(bench: Bench, source: str) -> Answers:
    """Ask until it is clear whether it is right often enough. Raises Failure."""

    def make() -> Answers:
        test = RateTest(GOOD, POOR, BOUND, MOST)
        said: list[bool | None] = []
        supply = bench.texts(source)
        random = bench.random("classifier", source)
        while (verdict := test.verdict()) is None:
            batch = [next(supply) for _ in range(BATCH)]
            model = Model(bench.language.name)
            calls = [call_of(model, text, seed) for text, seed in zip(batch, seeds(random, len(batch)), strict=True)]
            for value in bench.call("classification", calls):
                said.append(answer(value.value))
                test.record(said[-1] is (source == "random"))
        if verdict == "undecided":
            verdict = "wrong" if test.ratio > 0 else "right"
        return Answers(source, tuple(said), verdict)

    found: Answers = bench.once(f"answers {source}", make)
    return found


def check_random(bench: Bench) -> Finding:
    """Strings of random letters."""
    return _judged(bench, "random", "random letters", "True")


def check_shakespeare(bench: Bench) -> Finding:
    """Shakespeare."""
    return _judged(bench, "shakespeare", "Shakespeare", "False")


def check_technical(bench: Bench) -> Finding:
    """Technical prose."""
    return _judged(bench, "technical", "technical prose", "False")


def _judged(bench: Bench, source: str, called: str, wanted: str) -> Finding:
    found = answers(bench, source)
    evidence = {"right": found.right, "texts": len(found.said), "good": GOOD, "poor": POOR, "bound": BOUND}
    if found.verdict == "right":
        return passed(**evidence)
    if None in found.said:
        return failed("`classification` returned neither True nor False.", **evidence)
    said = f"`classification` was right on {found.right} of {len(found.said)} strings of {called} ({wanted} is right)."
    said += _named(bench)
    if not bench.at_home and not _gross(bench):
        return Finding(
            "open", f"{said} It was written for another model than {bench.language.name}; a human looks.", "", evidence
        )
    return failed(said, **evidence)


def _named(bench: Bench) -> str:
    """A sentence on what all the answers have in common."""
    found = [answers(bench, source) for source in SOURCES]
    said = {one for answered in found for one in answered.said}
    if len(said) == 1:
        return f" It says {said.pop()} of every string."
    if all(answered.rate < 0.1 for answered in found):
        return " It has the two the wrong way round: True means random."
    return ""


def _gross(bench: Bench) -> bool:
    """Constant, inverted or no better than chance: no other threshold would mend that."""
    found = [answers(bench, source) for source in SOURCES]
    random, prose = found[0].rate, (found[1].rate + found[2].rate) / 2
    return (random + prose) / 2 < GROSS


# --- type, and whether the model decides ---


def check_type(bench: Bench) -> Finding:
    """A bool; a NumPy bool or a 0-d bool tensor is remarked."""
    text = next(bench.texts("random"))
    got = bench.call("classification", [call_of(Model(bench.language.name), text, 0)])[0].value
    if got.kind == "bool":
        return passed()
    if got.array is not None and got.array.dtype.kind == "b" and got.array.shape == ():
        return passed(f"`classification` returned {got}; a Python bool was asked for (`bool(…)` makes it one).")
    return failed(f"`classification` returned {got}; it should return True or False.")


def check_uses_model(bench: Bench) -> Finding:
    """Under a model for which random strings are the likely ones, the answers turn round."""
    said = _under_turned(bench, BRANCHES)
    as_text = sum(one is True for one in said[:TURNED]) + sum(one is False for one in said[TURNED:])
    evidence = {"unmoved": as_text, "texts": len(said)}
    if as_text >= 0.9 * len(said):
        return failed(
            "`classification` does not depend on the model: under a model that finds random letters likely and prose "
            "unlikely it gives the same answers. It earns nothing without using the model.",
            **evidence,
        )
    if _constant(bench, said):
        return failed(
            f"`classification` says {said[0]} of every string under every model. It earns nothing without using the "
            "model.",
            **evidence,
        )
    turned = _turned_round(bench)
    if turned >= 0.9:
        return failed(
            "`classification` gives other answers under another model, but not by what that model says: under one that "
            "finds prose likely and random letters unlikely, too, they turn round. It earns nothing without using the "
            "model.",
            **evidence,
        )
    return passed(**evidence, turned=turned)


def _turned_round(bench: Bench) -> float:
    """The share of answers that contradict a model which is built like the turned one, and expects prose."""
    model, likely, unlikely = straight_model(bench)
    calls = [call_of(Model(model), text, seed) for seed, text in enumerate([*likely, *unlikely])]
    said = [answer(value.value) for value in bench.call("classification", calls)]
    wrong = sum(one is True for one in said[: len(likely)]) + sum(one is False for one in said[len(likely) :])
    return wrong / len(said)


def _constant(bench: Bench, said: Sequence[bool | None]) -> bool:
    """Whether it gives one answer alone, also of strings that a model is certain of."""
    everywhere = set(said) | {one for source in SOURCES for one in answers(bench, source).said}
    return len(everywhere) == 1 and set(_under_turned(bench, 1)) == everywhere


def _under_turned(bench: Bench, branches: int) -> list[bool | None]:
    """What it says of random strings that a turned model finds likely, then of Shakespeare."""
    model, likely = turned_model(bench, branches)
    supply = bench.texts("shakespeare")
    prose = [next(supply)[: model.sizes.n_ctx] for _ in range(TURNED)]
    calls = [call_of(Model(model), text, seed) for seed, text in enumerate([*likely, *prose])]
    return [answer(value.value) for value in bench.call("classification", calls)]


def turned_model(bench: Bench, branches: int) -> tuple[Probe, Sequence[Any]]:
    """A model that expects letters by their position, and random texts that it finds likely.

    At every position it expects a few tokens, those that some random strings have there, each with the same
    probability: with four, log 4 nats per token, as little as prose has under a real model.
    """
    random = bench.random("turned", branches)
    letters, prose = _drawn(bench, branches, random)
    table = _table(letters)
    chosen = random.integers(0, branches, (TURNED, len(table)))
    likely = [np.array([table[place, branch] for place, branch in enumerate(row)]) for row in chosen]
    return _expecting(table, [*letters, *prose], bench.language.vocabulary, "turned"), likely


def straight_model(bench: Bench) -> tuple[Probe, Sequence[Any], Sequence[Any]]:
    """A model of the same build that expects pieces of Shakespeare; these, and random texts, which it finds unlikely.

    Whoever tells the turned model by its build, and not by what it expects, takes this one for it.
    """
    letters, prose = _drawn(bench, BRANCHES, bench.random("straight"))
    table = _table(prose)
    model = _expecting(table, [*letters, *prose], bench.language.vocabulary, "straight")
    return model, list(table.T), [text[: len(table)] for text in letters]


def _drawn(bench: Bench, count: int, random: np.random.Generator) -> tuple[list[Any], list[Any]]:
    """Tokens of random texts, and of Shakespeare."""
    texts = [texts_of(source, 100, random) for source in ("random", "shakespeare") for _ in range(count)]
    tokens = bench.language.encoded(texts)
    return tokens[:count], tokens[count:]


def _table(texts: Sequence[Any]) -> Any:
    """The tokens at each position, (length, texts), as far as all of them go."""
    length = min(len(text) for text in texts)
    return np.stack([text[:length] for text in texts], axis=1)


def _expecting(table: Any, texts: Sequence[Any], vocab: int, name: str) -> Probe:
    """A GPT-2 without attention whose positions carry the tokens that come next. ``table`` is (length, branches); it
    knows the tokens of all ``texts``."""
    known = {token: place for place, token in enumerate(np.unique(np.concatenate(texts)).tolist())}
    width = len(known) + 1
    sizes = Sizes(vocab_size=vocab, n_ctx=max(128, len(table)), n_embd=width, n_layer=1, n_head=1)
    weights: Weights = _silent_block(width)
    weights["wte.weight"] = np.zeros((vocab, width), np.float32)
    weights["wpe.weight"] = np.zeros((sizes.n_ctx, width), np.float32)
    for token, place in known.items():
        weights["wte.weight"][token, place] = 1.0
    for position, row in enumerate(table[1:].tolist()):
        for token in row:
            weights["wpe.weight"][position, known[token]] = 100.0
    weights["ln_f.weight"] = np.full(width, 6.0, np.float32)
    weights["ln_f.bias"] = np.zeros(width, np.float32)
    return Probe(f"{name} {table.shape[1]}", sizes, weights)


def _silent_block(width: int) -> Weights:
    """A block that adds nothing."""
    outputs = {"attn.c_attn": (width, 3 * width), "attn.c_proj": (width, width)}
    outputs |= {"mlp.c_fc": (width, 4 * width), "mlp.c_proj": (4 * width, width)}
    weights: Weights = {}
    for name, shape in outputs.items():
        weights[f"h.0.{name}.weight"] = np.zeros(shape, np.float32)
        weights[f"h.0.{name}.bias"] = np.zeros(shape[1], np.float32)
    for name in ("ln_1", "ln_2"):
        weights[f"h.0.{name}.weight"] = np.ones(width, np.float32)
        weights[f"h.0.{name}.bias"] = np.zeros(width, np.float32)
    return weights
