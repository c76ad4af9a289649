"""How many parameters a GPT-2 has, counted on the module itself (see ``gpt2``), in a child process of ``growing``."""

from __future__ import annotations

import torch
from torch import nn

from grader.harness.gpt2 import GPT2, Config

WIDTH = 768
LENGTH = 1024  # of the context

Job = tuple[int, int, bool, bool]


class WithHead(nn.Module):
    """GPT-2 small and its output layer, which ``GPT2`` only has in the form of its input embeddings."""

    def __init__(self, vocabulary: int, tied: bool, bias: bool) -> None:
        super().__init__()
        self.body = GPT2(Config(vocabulary, n_ctx=LENGTH, n_positions=LENGTH, n_embd=WIDTH, n_layer=12, n_head=12))
        self.head = nn.Linear(WIDTH, vocabulary, bias=bias)
        if tied:
            self.head.weight = self.body.wte.weight


def parameters(vocabulary: int, tied: bool, bias: bool) -> int:
    """Numbers that are trained in GPT-2 small with this many tokens, those shared by two layers once.

    ``tied`` is whether the matrix of the output layer is that of the input embeddings, ``bias`` whether that layer also
    adds a vector. The module holds no numbers: it is made on torch's device for shapes alone.
    """
    with torch.device("meta"):
        model = WithHead(vocabulary, tied, bias)
    return sum(parameter.numel() for parameter in model.parameters())  # which names a shared one once


def growth(before: int, after: int, tied: bool, bias: bool) -> int:
    """The parameters gained as the vocabulary grows from ``before`` to ``after`` tokens."""
    return parameters(after, tied, bias) - parameters(before, tied, bias)


def handle(job: Job) -> int:
    """What a worker does."""
    return growth(*job)
