"""The NumPy network of the probes is the one that students' code is given, and its distributions add up."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from grader.harness.probes import EPSILON, Probe, Sizes, draw_probe, log_softmax, logits

SIZES = [
    Sizes(),
    Sizes(vocab_size=5, n_ctx=7, n_embd=12, n_layer=3, n_head=3),
    Sizes(vocab_size=13, n_ctx=9, n_embd=4, n_layer=1, n_head=1),
]


def probe_of(sizes: Sizes) -> Probe:
    return draw_probe("probe", sizes, np.random.default_rng(sizes.vocab_size))


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_it_is_the_network_that_students_are_given(sizes: Sizes) -> None:
    import torch

    from grader.harness.gpt2 import GPT2, Config

    probe = probe_of(sizes)
    model = GPT2(Config.of({**sizes.config, "top_k": 0, "seed": 0})).eval()
    weights = {name: torch.from_numpy(values) for name, values in probe.weights.items()}
    model.load_state_dict(weights)
    assert model.config.layer_norm_epsilon == EPSILON
    tokens = np.random.default_rng(0).integers(0, sizes.vocab_size, (5, sizes.n_ctx))
    exact = logits(tokens, probe.weights, sizes)
    with torch.no_grad():
        single = model(torch.from_numpy(tokens))[0].numpy()
        double = model.double()(torch.from_numpy(tokens))[0].numpy()
    assert np.abs(double - exact).max() < 1e-11
    assert np.abs(single - exact).max() < 1e-4
    assert np.abs(exact).max() > 0.5  # or the two could agree on nothing


def test_single_precision_means_the_same_distribution() -> None:
    """A student's code works in it, and an exact test must not tell."""
    probe = probe_of(SIZES[0])
    rounded = {name: values.astype(np.float16).astype(np.float32) for name, values in probe.weights.items()}
    tokens = np.array([[1, 5, 2, 7]])
    assert np.abs(logits(tokens, rounded, probe.sizes) - logits(tokens, probe.weights, probe.sizes)).max() < 0.05


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_a_log_likelihood_is_the_sum_of_conditionals(sizes: Sizes) -> None:
    probe = probe_of(sizes)
    text = np.random.default_rng(1).integers(0, sizes.vocab_size, sizes.n_ctx)
    one_by_one = [log_softmax(probe.logits(text[None, :end]))[0, text[end]] for end in range(1, len(text))]
    assert probe.log_likelihood(text) == pytest.approx(sum(one_by_one), abs=1e-10)
    assert probe.log_likelihood(text[:2]) == pytest.approx(one_by_one[0], abs=1e-10)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_probabilities_of_all_strings_add_up_to_one(sizes: Sizes) -> None:
    probe = probe_of(sizes)
    texts = itertools.product(range(sizes.vocab_size), repeat=2)
    total = sum(np.exp(probe.log_likelihood(np.array([3, *text]))) for text in texts)
    assert total == pytest.approx(1, abs=1e-12)


def test_what_comes_later_changes_nothing_before() -> None:
    probe = probe_of(SIZES[0])
    one, other = probe.all_log_probs(np.array([[1, 2, 3, 4], [1, 2, 7, 0]]))
    assert np.array_equal(one[:2], other[:2])
    assert not np.allclose(one[2], other[2])


def test_contexts_of_one_content_and_other_lengths_are_not_confused() -> None:
    """What is kept for (2, 3) tokens is not what is asked for (3, 2), whose bytes are the same."""
    probe = probe_of(SIZES[0])
    wide, tall = np.arange(6).reshape(2, 3), np.arange(6).reshape(3, 2)
    assert np.array_equal(probe.logits(wide), logits(wide, probe.weights, probe.sizes)[:, -1])
    assert np.array_equal(probe.logits(tall), logits(tall, probe.weights, probe.sizes)[:, -1])


def test_weights_come_from_the_random_numbers_alone() -> None:
    one, same, other = (draw_probe("probe", Sizes(), np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(one.weights[name], same.weights[name]) for name in one.weights)
    assert not any(np.array_equal(one.weights[name], other.weights[name]) for name in one.weights)


def test_log_softmax_leaves_what_is_impossible_so() -> None:
    found = log_softmax(np.array([[-np.inf, 1000.0, 1000.0]]))
    assert np.isneginf(found[0, 0])
    assert np.exp(found).sum() == pytest.approx(1)
