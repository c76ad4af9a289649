"""What a submitted function does, shown to people: a picture of log-likelihoods, a page of samples. It changes no mark.

Beside what the student's function says stands what is exact (or, of samples, what our own sampler draws).
"""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader.harness.checks.bench import Bench, seeds
from grader.harness.checks.likelihood import call_of, number
from grader.harness.drawing import Row, histograms, printable
from grader.harness.protocol import Returned
from grader.harness.session import Argument, Call, Configuration, Failure, Model, Tokens
from grader.harness.texts import texts_of
from grader.harness.wording import in_words

SOURCES = {"random": "Random letters", "shakespeare": "Shakespeare", "technical": "Technical prose"}
TEXTS, CHARACTERS = 40, 100  # of each source
SECONDS = 10.0  # for all log-likelihoods together
START = "The king"
TOP_K = 40
TEMPERATURES: tuple[float | None, ...] = (None, 0.5, 2.0)
LENGTHS = {True: 200, False: 50}  # tokens of a sample: about as many characters where a token is a byte as where not
BYTES = 256
LONGEST = 60  # characters of a name: at four bytes each they are less than any file system takes


@dataclass(frozen=True, slots=True)
class Album:
    """Where pictures of one work go: into ``place`` (``alice/ps1``) of ``folder``. ``whose`` is for headings."""

    folder: Path
    place: str
    whose: str

    def put(self, name: str, text: str) -> str:
        """Write a file; its name relative to ``folder``. Raises OSError."""
        path = self.folder / self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return f"{self.place}/{name}"


def album(folder: Path, submission: str, assignment: str, others: Iterable[Album] = ()) -> Album:
    """For one work; not where one of ``others`` is, should two folders of submissions share a name."""
    taken = {other.place.casefold() for other in others}
    plain = f"{component(submission)}/{component(assignment)}"
    places = itertools.chain([plain], (f"{plain}-{again}" for again in itertools.count(2)))
    place = next(place for place in places if place.casefold() not in taken)
    return Album(folder, place, printable(f"{submission}, {assignment}"))


def component(name: str) -> str:
    """A name as part of a path, whatever a submission is called; two names that differ stay two."""
    plain = re.sub(r"[^\w.@+, -]", "_", name).strip(" ")
    plain = re.sub(r"^\.+|[. ]+$", "_", plain)[:LONGEST]
    if plain == name and plain:
        return plain
    return f"{plain}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


def show(bench: Bench, function: str, album: Album, item: str) -> list[str]:
    """Draw what there is to see of a function; the files' names. Raises Died and OSError, where the fault is ours."""
    if function not in _SHOWN:
        return []
    suffix, make = _SHOWN[function]
    return [album.put(f"{component(item)}{suffix}", make(bench, f"{album.whose}/{item}"))]


def _said(bench: Bench, function: str, failure: Failure) -> str:
    say, _ = in_words(failure, function, bench.file, bench.session.files)
    return say


# --- log-likelihoods ---


def _likelihoods(bench: Bench, whose: str) -> str:
    """Each source in turn, so that all are there where time is up before the end."""
    random = bench.random("pictures")
    texts = bench.language.encoded([texts_of(source, CHARACTERS, random) for _ in range(TEXTS) for source in SOURCES])
    exact = bench.language.scores(texts)
    trouble, theirs = "", []
    try:
        theirs = _values(bench, texts)
    except Failure as failure:
        trouble = _said(bench, "log_likelihood", failure)
    rows = [
        Row(called, tuple(theirs[place :: len(SOURCES)]), tuple(exact[place :: len(SOURCES)]))
        for place, called in enumerate(SOURCES.values())
    ]
    title = f"Log-likelihoods of strings of {CHARACTERS} characters: {whose}"
    return histograms(title, rows, trouble, list(_notes(bench.language.name, theirs, exact)))


def _values(bench: Bench, texts: list[Any]) -> list[float]:
    """What the function says of as many texts as there is time for; nan where that is no number. Raises Failure."""
    if "log_likelihood" in bench.hopeless:
        raise bench.hopeless["log_likelihood"]
    model, random = Model(bench.language.name), bench.random("pictures", "seeds")
    calls = [call_of(model, text, seed) for text, seed in zip(texts, seeds(random, len(texts)), strict=True)]
    found = [number(value.value) for value in bench.session.call(bench.file, "log_likelihood", calls, SECONDS)]
    return [math.nan if value is None else value for value in found]


def _notes(model: str, theirs: list[float], exact: list[float]) -> Iterator[str]:
    yield f"Model {model}; {TEXTS} strings of each source, first token not scored. Bars count strings; dashed: mean."
    pairs = [(one, other) for one, other in zip(theirs, exact, strict=False) if math.isfinite(one)]
    if pairs:
        largest = max(abs(one - other) for one, other in pairs)
        yield f"The largest difference on one string is {'below 0.001' if largest < 1e-3 else f'{largest:.3g}'} nats."
    if len(pairs) < len(theirs):
        yield f"{len(theirs) - len(pairs)} of {len(theirs)} values are no finite numbers; they are left out."
    if 0 < len(theirs) < len(exact):
        yield f"In {SECONDS:g} seconds the submitted function came as far as {len(theirs)} of {len(exact)} strings."


# --- samples ---


def _samples(bench: Bench, whose: str) -> str:
    language = bench.language
    sizes = language.sizes
    config = {**sizes, "top_k": min(TOP_K, sizes["vocab_size"]), "seed": 0}
    start = language.encoded([START])[0]
    length = min(LENGTHS[sizes["vocab_size"] == BYTES], sizes["n_ctx"] - start.size)
    drawn = seeds(bench.random("samples"), len(TEMPERATURES))
    ways = [(length, config["top_k"], t, seed) for t, seed in zip(TEMPERATURES, drawn, strict=True)]
    ours = language.decoded(language.continued(start, ways))
    said = [
        f"Samples of {whose}",
        f"From the model {language.name}: {length} tokens after “{START}”, top_k = {config['top_k']}.",
        "No mark hangs on these texts; they show how what the submitted function draws reads beside our own.",
    ]
    for temperature, seed, reference in zip(TEMPERATURES, drawn, ours, strict=True):
        heading = "No temperature" if temperature is None else f"Temperature {temperature:g}"
        call = _sample_call(language.name, start, config, length, temperature, seed)
        said += ["", f"{heading}: submitted function", _shown(_sampled(bench, call, sizes["vocab_size"]))]
        said += ["", f"{heading}: reference", _shown(reference)]
    return "\n".join(said) + "\n"


def _sample_call(
    model: str, start: Any, config: dict[str, Any], length: int, temperature: float | None, seed: int
) -> Call:
    scaling: tuple[Argument, ...] = () if temperature is None else (temperature, 1)
    return Call((Model(model), Tokens(start[None]), Configuration(config), length, *scaling), seed=seed)


def _sampled(bench: Bench, call: Call, vocabulary: int) -> str:
    """The text that the function drew, or why there is none."""
    try:
        value = bench.call("sample", [call])[0].value
    except Failure as failure:
        return f"({_said(bench, 'sample', failure)})"
    tokens = _tokens(value, vocabulary)
    if tokens is None:
        return f"(It returned {value}, which is no text of this model.)"
    return bench.language.decoded([tokens])[0]


def _tokens(value: Returned, vocabulary: int) -> Any:
    """A row of tokens of the model, (L,), if that is what came back."""
    if value.array is None or value.array.dtype.kind not in "iu" or not 0 < value.array.size <= 2**14:
        return None
    tokens = value.array.astype(np.int64).reshape(-1)
    return tokens if ((tokens >= 0) & (tokens < vocabulary)).all() else None


def _shown(text: str) -> str:
    """Each line behind a bar, so that no sample looks like a heading; without control characters."""
    return "\n".join(f"  | {printable(line)}".rstrip() for line in text.split("\n"))


_SHOWN: dict[str, tuple[str, Callable[[Bench, str], str]]] = {
    "log_likelihood": (".svg", _likelihoods),
    "sample": (".txt", _samples),
}
