"""The language models there are to judge with: ``tiny``, which is shipped, and ``gpt2``, which is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.harness.verifying import Agreement

TINY = Path(__file__).parent / "tiny"
TABLE = Path(__file__).parent / "gpt2_small_log_likelihoods.json"
COUNT, LENGTH, SEED = 100, 100, 0  # strings of each source, characters of each string
NAMES = {"random": "random letters", "shakespeare": "Shakespeare", "technical": "technical prose"}
MEBIBYTE = 2**20
HOW_TO_GET = """\
not here. To judge with it, get its weights and name them:
  --model PATH  a Hugging Face folder: config.json; model.safetensors or pytorch_model.bin;
                vocab.json and merges.txt, or tokenizer.json
  --model gpt2  the model of that name of the Hugging Face hub (pip install huggingface_hub tokenizers);
                it is fetched once, about 550 MB, where the network allows
`grade models PATH` checks what PATH holds against log-likelihoods that the real one is known to give."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """``name`` is what items call the model (``tiny``, ``gpt2``), ``path`` its weights."""

    name: str = "tiny"
    path: Path = TINY
    device: str = "cpu"


def choose(model: str, device: str) -> Chosen:
    """What ``--model`` names: ``tiny``, ``gpt2``, a folder, a file, or an id on the hub. Raises UsageError, also where
    there is no such device or what is needed is not installed."""
    if model == "tiny" and device == "cpu":
        return Chosen()
    try:
        from grader.harness.weights import check_device, find  # here, for it imports torch
    except ImportError as error:
        raise UsageError(f"models need what is not installed here ({error}): pip install 'grader[code]'") from None

    check_device(device)
    if model == "tiny":
        return Chosen(device=device)
    return Chosen("gpt2", find(model), device)


# --- what there is, for people ---


def survey(model: str | None, device: str, say: Callable[[str], object]) -> bool:
    """Say which models there are, and measure them; with ``model``, this one alone.

    Whether real weights, where there are any, are those of GPT-2 small. Raises UsageError where some cannot be read.
    """
    try:
        from grader.harness import verifying
    except ImportError as error:
        raise UsageError(f"models need what is not installed here ({error}): pip install 'grader[code]'") from None
    if model in (None, "tiny"):
        _say_tiny(device, say)
    if model == "tiny":
        return True
    found = verifying.fetched() if model is None else choose(model, device).path
    if found is None:
        say(_beside("gpt2", f"GPT-2 small, 124 million parameters, as it was released; {HOW_TO_GET}"))
        return True
    say(_beside("gpt2", f"the weights at {found}"))
    return _say_agreement(verifying.agreement(found, device, TABLE), say)


def _say_tiny(device: str, say: Callable[[str], object]) -> None:
    from grader.harness.verifying import measured

    sizes = json.loads((TINY / "config.json").read_text("utf-8"))
    mebibytes = sum(file.stat().st_size for file in TINY.glob("*.safetensors")) / MEBIBYTE
    told = (
        f"a GPT-2 whose tokens are the {sizes['vocab_size']} bytes, shipped and taken where no other is named:\n"
        f"{sizes['n_layer']} layers of width {sizes['n_embd']}, a context of {sizes['n_ctx']}, {mebibytes:.1f} MiB\n"
        f"{TINY}\n"
        f"Log-likelihoods of {COUNT} strings of {LENGTH} characters from each source, in nats (seed {SEED}):"
    )
    say(_beside("tiny", told))
    say(_beside("", f"{'':16}{'mean':>8}{'min':>8}{'max':>8}"))
    for one in measured(TINY, device, COUNT, LENGTH, SEED):
        numbers = "".join(f"{value:8.1f}".replace("-", "−") for value in (one.mean, one.low, one.high))
        say(_beside("", f"{NAMES[one.source]:16}{numbers}"))


def _say_agreement(found: Agreement, say: Callable[[str], object]) -> bool:
    told = (
        f"{found.agreeing} of {found.texts} texts have the log-likelihood that GPT-2 small gives them; "
        f"the largest difference is {found.largest:.3g} nats."
    )
    verdict = "These are its weights." if found.whole else "These are not its weights, or not with its tokenizer."
    say(_beside("", f"{told}\n{verdict}"))
    return found.whole


def _beside(name: str, told: str) -> str:
    """Lines, with the name of the model to the left of the first."""
    first, *rest = told.splitlines()
    return "\n".join([f"{name:6}{first}", *(f"{'':6}{line}" for line in rest)])
