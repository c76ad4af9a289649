"""What is drawn from: hidden, the same for a whole class, and never at the mercy of rounding."""

from __future__ import annotations

import numpy as np
import pytest

from grader.harness.design import LENGTH, SETTINGS, TIE, arms, gap, generator, sampling_probe, value_probe
from grader.harness.probes import Probe, Sizes, draw_probe, logits
from grader.harness.sequential import TELLS_APART

SECRETS = ("tests", "others")
NEAR = "secret 60"  # of whose probes the best one has a tie but for 5e-5


@pytest.mark.parametrize("secret", [SECRETS[0], NEAR])
def test_no_two_logits_at_the_edge_of_the_filter_are_nearly_the_same(secret: str) -> None:
    """Single precision could let the wrong one pass, which no right draw does."""
    probe, starts = sampling_probe(secret)
    assert gap(probe, starts) > TIE
    single = probe.weights
    half = {name: np.nextafter(values, np.float32(np.inf)) for name, values in single.items()}
    contexts = np.array([(*starts[0], token) for token in range(probe.sizes.vocab_size)])
    moved = logits(contexts, half, probe.sizes) - logits(contexts, single, probe.sizes)
    assert np.abs(moved).max() < TIE / 5


def test_a_tie_is_seen() -> None:
    probe = draw_probe("tie", Sizes(), np.random.default_rng(1))
    weights = dict(probe.weights)
    weights["wte.weight"] = weights["wte.weight"][[0, 0, 1, 1, 2, 2, 3, 3]]
    assert gap(Probe("tie", probe.sizes, weights), [(1, 2)]) == 0


def test_everything_depends_on_the_secret_and_on_nothing_else() -> None:
    (one, starts), (other, other_starts) = map(sampling_probe, SECRETS)
    sampling_probe.cache_clear()
    again, same = sampling_probe(SECRETS[0])
    assert starts == same
    assert all(np.array_equal(one.weights[name], again.weights[name]) for name in one.weights)
    assert not np.array_equal(one.weights["wte.weight"], other.weights["wte.weight"])
    assert starts != other_starts


def test_random_numbers_depend_on_every_seed() -> None:
    seeds = [("a",), ("a", "b"), ("b", "a"), ("ab",), ("a", 1), ("a1",), ("a", 1, 1), ("a", 11)]
    drawn = [generator(*names).integers(2**62) for names in seeds]
    assert len(set(drawn)) == len(drawn)
    assert generator("a", 1).integers(2**62) == drawn[4]


@pytest.mark.parametrize("name", SETTINGS)
def test_most_mistakes_show_in_each_group_of_settings(name: str) -> None:
    found, named = arms(SECRETS[0], name)
    shows = np.max([arm.distances() for arm in found], axis=0) > TELLS_APART
    assert len(found) == len(SETTINGS[name]) * 2
    assert shows.mean() > 0.85, [one.name for one, seen in zip(named, shows, strict=True) if not seen]
    assert all(arm.length == LENGTH for arm in found)


def test_probes_for_values_differ_by_purpose_and_size() -> None:
    names = {value_probe("a", purpose, vocab).name for purpose in ("x", "y") for vocab in (5, 6)}
    assert len(names) == 4
    assert not np.array_equal(
        value_probe("a", "x", 5).weights["wpe.weight"], value_probe("b", "x", 5).weights["wpe.weight"]
    )
