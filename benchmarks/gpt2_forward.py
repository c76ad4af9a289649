"""Our GPT-2 beside transformers' GPT2LMHeadModel: one forward pass, and sampling with a cache.

    python benchmarks/gpt2_forward.py [ROUNDS]

Both have the same random weights of the 124M size, share them in memory, and run in one thread of this process. They
take turns, and swap who is first, after one untimed round each: a forward pass of 128 tokens without a past, then 32
steps of one token each on a past of 64. Medians are of the rounds; a ratio is the median of the rounds' ratios. Times
are of the processor: the one thread does all the work, and others may be at work on the machine. Theirs is as its
authors ship it: scaled_dot_product_attention, DynamicCache, evaluation mode. Needs transformers, of the test extra.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor
from transformers import DynamicCache, GPT2Config, GPT2LMHeadModel

from grader.harness.gpt2 import GPT2, Config

ROUNDS = 15
LENGTH, PAST, STEPS = 128, 64, 32
AIM, CLOSE = 1.0, 1e-4

Run = Callable[[Tensor], tuple[float, Tensor]]
"""From tokens (1, T) to the seconds of the processor it took and the logits of the last token."""


def pair() -> tuple[GPT2, GPT2LMHeadModel]:
    """Ours and theirs, with one set of weights."""
    theirs = GPT2LMHeadModel(GPT2Config(attn_implementation="sdpa")).eval()
    with torch.device("meta"):
        ours = GPT2(Config.of(theirs.config.to_dict())).eval()
    ours.load_state_dict(theirs.transformer.state_dict(), assign=True)
    return ours, theirs


def forward_of(model: Callable[[Tensor], Tensor]) -> Run:
    def run(tokens: Tensor) -> tuple[float, Tensor]:
        start = time.thread_time()
        logits = model(tokens[:, :LENGTH])
        return time.thread_time() - start, logits[:, -1]

    return run


def our_steps(model: GPT2) -> Run:
    def run(tokens: Tensor) -> tuple[float, Tensor]:
        logits, past = model(tokens[:, :PAST])
        start = time.thread_time()
        for place in range(PAST, PAST + STEPS):
            logits, past = model(tokens[:, place : place + 1], past=past)
        return time.thread_time() - start, logits[:, -1]

    return run


def their_steps(model: GPT2LMHeadModel) -> Run:
    def run(tokens: Tensor) -> tuple[float, Tensor]:
        cache = DynamicCache(config=model.config)
        found = model(tokens[:, :PAST], past_key_values=cache, use_cache=True)
        start = time.thread_time()
        for place in range(PAST, PAST + STEPS):
            found = model(tokens[:, place : place + 1], past_key_values=cache, use_cache=True)
        return time.thread_time() - start, found.logits[:, -1]

    return run


def compare(name: str, ours: Run, theirs: Run, tokens: Tensor, rounds: int) -> str:
    """A line of the table. Raises AssertionError where the two do not agree, as times would then mean nothing."""
    torch.testing.assert_close(ours(tokens)[1], theirs(tokens)[1], atol=CLOSE, rtol=0)
    times = []
    for number in range(rounds):
        order = [ours, theirs] if number % 2 == 0 else [theirs, ours]
        found = {run: run(tokens)[0] for run in order}
        times.append((found[ours], found[theirs]))
    mine, other = (statistics.median(column) * 1e3 for column in zip(*times, strict=True))
    ratio = statistics.median(a / b for a, b in times)
    return f"{name:<24}{mine:12.1f}{other:16.1f}{ratio:10.3f}   aim at most {AIM:g}"


@torch.inference_mode()
def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    torch.set_num_threads(1)
    torch.manual_seed(0)
    ours, theirs = pair()
    tokens = torch.randint(ours.config.vocab_size, (1, LENGTH))
    whole = forward_of(lambda tokens: ours(tokens)[0]), forward_of(lambda tokens: theirs(tokens).logits)
    print(f"124M random weights, one thread, medians of {rounds} rounds\n")
    print(f"{'':<24}{'ours, ms':>12}{'theirs, ms':>16}{'ratio':>10}")
    print(compare(f"forward, {LENGTH} tokens", *whole, tokens, rounds))
    print(compare(f"{STEPS} cached steps", our_steps(ours), their_steps(theirs), tokens, rounds))


if __name__ == "__main__":
    main()
