"""Our GPT-2 computes what transformers' does, however the tokens come to it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel

from grader.harness.gpt2 import GPT2, Config

CLOSE = 1e-4
SMALL = [
    Config(vocab_size=11, n_ctx=12, n_positions=12, n_embd=8, n_layer=1, n_head=1),
    Config(vocab_size=50, n_ctx=20, n_positions=20, n_embd=24, n_layer=3, n_head=4, layer_norm_epsilon=1e-2),
    Config(vocab_size=256, n_ctx=12, n_positions=12, n_embd=160, n_layer=2, n_head=4),
    Config(vocab_size=301, n_ctx=33, n_positions=33, n_embd=40, n_layer=4, n_head=8),
]
RELEASED = Config(vocab_size=50257, n_ctx=1024, n_positions=1024, n_embd=768, n_layer=12, n_head=12)
LENGTH = 12


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Models as small as these lose by more, above all on a machine that is busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def pair(config: Config, deviation: float = 0.3) -> tuple[GPT2, GPT2LMHeadModel]:
    """Ours and theirs with the same random weights, biases and norms too, which initialisation would leave alone."""
    torch.manual_seed(config.n_embd)
    names = ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "layer_norm_epsilon")
    with torch.device("meta"):
        theirs = GPT2LMHeadModel(GPT2Config(**{name: getattr(config, name) for name in names})).eval()
        ours = GPT2(config).eval()
    weights = {name: torch.empty(weight.shape).normal_(std=deviation) for name, weight in ours.state_dict().items()}
    ours.load_state_dict(weights, assign=True)
    theirs.transformer.load_state_dict(weights, assign=True)
    theirs.tie_weights()
    return ours.requires_grad_(False), theirs.requires_grad_(False)


@functools.cache
def small(number: int) -> tuple[GPT2, GPT2LMHeadModel]:
    return pair(SMALL[number])


def tokens_for(config: Config, rows: int, length: int = LENGTH) -> Tensor:
    return torch.randint(config.vocab_size, (rows, length), generator=torch.Generator().manual_seed(rows))


def in_parts(model: GPT2, tokens: Tensor, cuts: list[int]) -> Tensor:
    """Logits of all tokens, given to the model a part at a time."""
    past, found = None, []
    for start, end in pairwise([0, *cuts, tokens.shape[-1]]):
        logits, past = model(tokens[:, start:end], past=past)
        found.append(logits)
    return torch.cat(found, dim=1)


def assert_close(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, atol=CLOSE, rtol=0)


@pytest.mark.parametrize("cuts", [[], [5], [1, 4, 11], list(range(1, LENGTH))], ids=["whole", "2", "4", "one by one"])
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("number", range(len(SMALL)))
def test_logits_are_those_of_transformers(number: int, rows: int, cuts: list[int]) -> None:
    ours, theirs = small(number)
    tokens = tokens_for(SMALL[number], rows)
    assert_close(in_parts(ours, tokens, cuts), theirs(tokens).logits)


def test_logits_at_the_released_size() -> None:
    ours, theirs = pair(RELEASED, deviation=0.02)
    tokens = tokens_for(RELEASED, 1, 24)
    expected = theirs(tokens).logits
    assert_close(ours(tokens)[0], expected)
    assert_close(in_parts(ours, tokens, [16, 22, 23]), expected)


@given(st.sets(st.integers(1, LENGTH - 1)))
def test_no_split_changes_the_logits(cuts: set[int]) -> None:
    ours, _ = small(1)
    tokens = tokens_for(SMALL[1], 2)
    assert_close(in_parts(ours, tokens, sorted(cuts)), ours(tokens)[0])


def test_presents_are_keys_and_values_of_all_tokens_so_far() -> None:
    config = SMALL[1]
    ours, theirs = small(1)
    tokens = tokens_for(config, 3)
    _, past = ours(tokens[:, :5])
    _, presents = ours(tokens[:, 5:], past=past)
    cache = theirs(tokens, use_cache=True).past_key_values
    assert len(presents) == config.n_layer
    for present, layer in zip(presents, cache.layers, strict=True):
        assert present.shape == (2, 3, config.n_head, LENGTH, config.n_embd // config.n_head)
        assert_close(present, torch.stack((layer.keys, layer.values)))


def test_a_past_serves_more_than_one_continuation() -> None:
    ours, _ = small(1)
    tokens = tokens_for(SMALL[1], 2)
    _, past = ours(tokens[:1, :5])
    kept = [layer.clone() for layer in past]
    for row in tokens:
        continued = torch.cat((tokens[0, :5], row[5:]))[None]
        assert_close(ours(row[None, 5:], past=past)[0], ours(continued)[0][:, 5:])
    assert all(map(torch.equal, past, kept))


def test_one_sequence_needs_no_row() -> None:
    ours, _ = small(0)
    tokens = tokens_for(SMALL[0], 1)
    logits, presents = ours(tokens[0])
    assert logits.shape == (LENGTH, SMALL[0].vocab_size)
    assert_close(logits, ours(tokens)[0][0])
    assert presents[0].shape[1] == 1


@pytest.mark.parametrize("before", [0, 1, LENGTH])
def test_more_tokens_than_the_context_are_refused(before: int) -> None:
    ours, _ = small(0)
    tokens = tokens_for(SMALL[0], 1, LENGTH + 1)
    past = ours(tokens[:, :before])[1] if before else None
    with pytest.raises(ValueError, match="13 tokens are more than the model's context of 12"):
        ours(tokens[:, before:], past=past)


def test_sizes_are_read_from_a_config_of_transformers() -> None:
    assert Config.of(GPT2Config().to_dict()) == RELEASED
