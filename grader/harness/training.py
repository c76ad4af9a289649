"""Training of the tiny model that is shipped: a byte-level GPT-2 on Shakespeare and on technical prose.

    python -m grader.harness.training --shakespeare FILE --packages SITE_PACKAGES --out FOLDER

Technical prose is taken from the docstrings of permissively licensed packages that are installed in SITE_PACKAGES (see
PACKAGES). Of both sources a part is kept out of training: FOLDER/texts.json holds it, for the tests of classifiers.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import math
import re
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from grader.harness.gpt2 import GPT2, Config

CONFIG = Config(vocab_size=256, n_ctx=256, n_positions=256, n_embd=160, n_layer=4, n_head=4)
PACKAGES = (  # BSD, MIT or Apache 2.0
    "arviz dask flax jax matplotlib networkx nltk numpy numpyro optax pandas pymc pyro scipy seaborn skimage "
    "sklearn statsmodels sympy torch xarray"
).split()
KEPT_OUT = 16  # one part in so many
PART = 2048  # characters of Shakespeare that go together
TEXTS = 60_000  # characters of each source in texts.json
LENGTH, BATCH = 128, 32
LONG_EVERY = 4  # one batch in so many has the whole context
RATE, WARM_UP, DECAY = 3e-3, 200, 0.1


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--shakespeare", type=Path, required=True)
    arguments.add_argument("--packages", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--steps", type=int, default=3000)
    arguments.add_argument("--seed", type=int, default=20)
    arguments.add_argument("--threads", type=int, default=2)
    given = arguments.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(given.threads)
    sources = {"shakespeare": shakespeare(given.shakespeare), "technical": technical(given.packages)}
    for name, (train, held) in sources.items():
        print(f"{name}: {len(train)} characters to train on, {len(held)} kept out", flush=True)
    given.out.mkdir(parents=True, exist_ok=True)
    held_out = {name: held[:TEXTS] for name, (_, held) in sources.items()}
    (given.out / "texts.json").write_text(json.dumps(held_out, indent=1), "utf-8")
    tokens = [as_tokens(text) for text, _ in sources.values()]
    model = trained(tokens, [as_tokens(held) for _, held in sources.values()], given.steps)
    sizes = {name: size for name, size in asdict(CONFIG).items() if name != "seed"}
    (given.out / "config.json").write_text(json.dumps(sizes, indent=1) + "\n", "utf-8")
    half = {name: weight.detach().half().contiguous() for name, weight in model.state_dict().items()}
    save_file(half, given.out / "model.safetensors")


def shakespeare(path: Path) -> tuple[str, str]:
    """What to train on, and what is kept out."""
    text = ascii_only(path.read_text("utf-8"))
    text = re.sub(r"\n{3,}", "\n\n", text)
    parts = [text[start : start + PART] for start in range(0, len(text), PART)]
    held = [part for place, part in enumerate(parts) if place % KEPT_OUT == 7]
    return "".join(p for place, p in enumerate(parts) if place % KEPT_OUT != 7), "".join(held)


def technical(packages: Path) -> tuple[str, str]:
    """Paragraphs of prose from docstrings: what to train on, and what is kept out."""
    paragraphs = dict.fromkeys(p for name in PACKAGES for p in prose(packages / name))
    order = sorted(paragraphs, key=lambda p: hashlib.sha256(p.encode()).digest())
    cut = len(order) // KEPT_OUT
    return "\n\n".join(order[cut:]), "\n\n".join(order[:cut])


def prose(package: Path) -> Iterator[str]:
    """Paragraphs of whole sentences in the docstrings of a package."""
    for path in sorted(package.rglob("*.py")):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(path.read_text("utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield from paragraphs_of(ast.get_docstring(node) or "")


def paragraphs_of(docstring: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", docstring):
        text = ascii_only(re.sub(r":\w+:`~?([^`<]*)[^`]*`_?", r"\1", " ".join(block.split())).replace("`", ""))
        words = sum(c.isalpha() or c == " " for c in text)
        if len(text) >= 150 and text[0].isupper() and text.endswith(".") and words > 0.94 * len(text):
            yield text


def ascii_only(text: str) -> str:
    for fancy, plain in {"‘": "'", "’": "'", "“": '"', "”": '"', "—": "--", "–": "-", "\r": ""}.items():
        text = text.replace(fancy, plain)
    return text.encode("ascii", "ignore").decode()


def as_tokens(text: str) -> Tensor:
    return torch.tensor(list(text.encode()), dtype=torch.long)


def initialised(config: Config) -> GPT2:
    """Normal with deviation 0.02, projections onto the residual stream smaller with depth, as for GPT-2."""
    model = GPT2(config)
    for name, weight in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.zeros_(weight)
        elif "ln_" not in name:
            deep = math.sqrt(2 * config.n_layer) if name.endswith("c_proj.weight") else 1
            torch.nn.init.normal_(weight, std=0.02 / deep)
    return model


def trained(sources: list[Tensor], held: list[Tensor], steps: int) -> GPT2:
    model = initialised(CONFIG)
    flat = [weight for weight in model.parameters() if weight.dim() < 2]
    full = [weight for weight in model.parameters() if weight.dim() >= 2]
    groups = [{"params": full, "weight_decay": DECAY}, {"params": flat, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98))
    began = time.monotonic()
    for step in range(steps):
        rate = RATE * min((step + 1) / WARM_UP, 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        length = CONFIG.n_ctx if step % LONG_EVERY == 0 else LENGTH
        tokens = batch(sources, BATCH * LENGTH // length, length)
        with torch.autocast("cpu", torch.bfloat16):
            logits, _ = model(tokens)
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1).float(), tokens[:, 1:].flatten())
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 250 == 0 or step == steps - 1:
            measured = ", ".join(f"{nats_per_character(model, text):.3f}" for text in held)
            print(f"{step} {time.monotonic() - began:.0f} s, {loss.item():.3f}; kept out: {measured}", flush=True)
            sys.stdout.flush()
    return model


def batch(sources: list[Tensor], rows: int, length: int) -> Tensor:
    """As many rows from each source."""
    drawn = []
    for row in range(rows):
        source = sources[row % len(sources)]
        start = int(torch.randint(len(source) - length, ()))
        drawn.append(source[start : start + length])
    return torch.stack(drawn)


@torch.no_grad()
def nats_per_character(model: GPT2, text: Tensor, length: int = 100, rows: int = 60) -> float:
    """Mean over strings of ``length`` characters, the first of which has no context and is not scored."""
    starts = range(0, len(text) - length, (len(text) - length) // rows)
    tokens = torch.stack([text[start : start + length] for start in starts])
    logits, _ = model(tokens)
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()).item()


if __name__ == "__main__":
    main()
