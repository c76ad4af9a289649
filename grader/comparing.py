"""Two texts, and whether they mean the same: what authors try from the shell while they write keys.

The seed is public and always the same, so that the same command says the same everywhere. In a class, draws come from
the key's own seed.
"""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import Unreadable, UsageError
from grader.math.declaring import declared, to_words
from grader.math.python_code import python_line
from grader.math.python_point import find_point
from grader.math.reader import read_expression
from grader.math.texts import Judgement, Kind, Reading, bare, judge_texts, read_text, without_label
from grader.spec import Symbol

SEED = "grade compare"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A judgement with both readings (None for what is malformed) and a command that reproduces it."""

    judgement: Judgement
    key: Reading | None
    response: Reading | None
    reproduce: str


def compare_texts(key: str, response: str, symbols: Mapping[str, Symbol], kind: Kind = "expression") -> Comparison:
    """Compare ``response`` with ``key`` over the declared domains. A region without symbols is one of real x."""
    symbols = _or_real_x(symbols, kind)
    judgement = judge_texts(key, response, symbols, kind, SEED)
    line = reproduction(key, response, symbols, judgement, SEED) if kind == "expression" else None
    return Comparison(
        judgement,
        reading(key, symbols, kind),
        reading(response, symbols, kind),
        line or compare_command(key, response, symbols, kind),
    )


def reading(text: str, symbols: Mapping[str, Symbol], kind: Kind) -> Reading | None:
    """How a text is read; None where it cannot be."""
    try:
        return read_text(text, symbols, kind)
    except Unreadable:
        return None


def reproduction(key: str, response: str, symbols: Mapping[str, Symbol], judgement: Judgement, seed: str) -> str | None:
    """A line of Python that prints both values at the witness; None where there is no such line or no witness."""
    if judgement.values is None or judgement.witness is None:
        return None
    trees = {
        "key": read_expression(bare(key), symbols),
        "response": read_expression(without_label(bare(response), symbols), symbols),
    }
    point = find_point(list(trees.values()), judgement.values, judgement.witness, symbols, seed)
    return python_line(trees, point) if point else None


def compare_command(key: str, response: str, symbols: Mapping[str, Symbol], kind: Kind = "expression") -> str:
    """The command that compares these texts, for a shell: in plain notation where they can be read, for other ways to
    write a symbol are not declared there."""
    texts = [found.plain if (found := reading(text, symbols, kind)) else text for text in (key, response)]
    words = ["grade", "compare", *texts]
    words += ["--symbols", to_words(symbols)] if symbols else []
    words += ["--kind", kind] if kind != "expression" else []
    return shlex.join(words)


def _or_real_x(symbols: Mapping[str, Symbol], kind: Kind) -> Mapping[str, Symbol]:
    return {"x": Symbol()} if kind == "region" and not symbols else symbols


# --- a file of pairs ---


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts of one kind; ``equal`` is the truth where the file tells it."""

    id: Any
    key: str
    response: str
    symbols: Mapping[str, Symbol]
    kind: Kind
    equal: bool | None = None


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file: ``{"pairs": [{"id", "gold", "answer", "symbols", "kind", "equal"}, …]}``, the last three of
    which may be left out. Raises UsageError."""
    try:
        pairs = json.loads(path.read_text("utf-8"))["pairs"]
        return [_pair(pair) for pair in pairs]
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        expected = '{"pairs": [{"id": …, "gold": …, "answer": …, "symbols": {name: words}}, …]}'
        raise UsageError(f"{path} is no file of pairs, expected {expected}: {error!r}") from error


def _pair(pair: dict[str, Any]) -> Pair:
    kind = pair.get("kind", "expression")
    if kind not in ("expression", "region", "set"):
        raise UsageError(f"pair {pair['id']}: {kind!r} is no kind; expected expression, region or set")
    try:
        symbols = _or_real_x(declared(pair.get("symbols", {})), kind)
    except Unreadable as error:
        raise UsageError(f"pair {pair['id']}: {error}") from error
    return Pair(pair["id"], pair["gold"], pair["answer"], symbols, kind, pair.get("equal"))


def judge_pair(pair: Pair) -> Judgement:
    """Read both sides of a pair and decide."""
    return judge_texts(pair.key, pair.response, pair.symbols, pair.kind, SEED)


def compare_pairs(path: Path) -> dict[str, Any]:
    """One verdict for each pair of a file, with the time it took in ms: reading both sides and deciding, warm."""
    pairs = read_pairs(path)
    for pair in pairs:
        judge_pair(pair)
    return {"pairs": [_timed(pair) for pair in pairs]}


def pairs_to_json(report: Mapping[str, Any]) -> str:
    """The report on pairs as JSON text, one pair a line."""
    lines = ",\n".join(f"  {json.dumps(pair, ensure_ascii=False)}" for pair in report["pairs"])
    return f'{{"pairs": [\n{lines}\n]}}\n'


def _timed(pair: Pair) -> dict[str, Any]:
    start = time.perf_counter()
    found = judge_pair(pair)
    ms = (time.perf_counter() - start) * 1e3
    return {"id": pair.id, "verdict": found.decision, "ms": round(ms, 3), "rung": found.rung, "reason": found.reason}
