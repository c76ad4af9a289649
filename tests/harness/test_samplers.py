"""The exact distributions of samplers, against definitions written out token by token."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from grader.harness.probes import Probe, Sizes, draw_probe, logits
from grader.harness.samplers import (
    OF_DRAWS,
    OF_HORIZON_1,
    OF_HORIZON_2,
    OF_TEMPERATURE,
    RIGHT,
    Sampler,
    Setting,
    continuations,
    mistakes,
    weigh,
)

SIZES = Sizes(vocab_size=5, n_ctx=10)
START = (2, 4)
SETTINGS = [
    Setting(3),
    Setting(0),
    Setting(1),
    Setting(5),
    *(Setting(k, t, horizon) for k in (0, 2) for t in (0.5, 2.0) for horizon in (1, 2)),
    Setting(3, 0.95, 2),
]
BY_NAME = {sampler.name: sampler for sampler in (*OF_DRAWS, *OF_TEMPERATURE, *OF_HORIZON_1, *OF_HORIZON_2)}


@pytest.fixture(scope="module")
def probe() -> Probe:
    return draw_probe("probe", SIZES, np.random.default_rng(3))


def table(probe: Probe, sampler: Sampler, setting: Setting, length: int = 2) -> np.ndarray:
    return np.exp(continuations(probe, sampler, setting, np.array(START), length))


# --- the definition, in plain Python ---


def kept(probe: Probe, context: tuple[int, ...], k: int) -> dict[int, float]:
    """Probabilities of the k likeliest next tokens."""
    found = logits(np.array([context]), probe.weights, probe.sizes)[0, -1].tolist()
    best = sorted(range(len(found)), key=lambda token: -found[token])[: k or None]
    total = sum(math.exp(found[token]) for token in best)
    return {token: math.exp(found[token]) / total for token in best}


def following(probe: Probe, context: tuple[int, ...], setting: Setting) -> dict[int, float]:
    """What the next token should be drawn from."""
    t = setting.temperature
    weights = kept(probe, context, setting.top_k)
    if t is not None and setting.horizon == 1:
        weights = {token: p ** (1 / t) for token, p in weights.items()}
    elif t is not None:
        weights = {
            token: sum((p * q) ** (1 / t) for q in kept(probe, (*context, token), setting.top_k).values())
            for token, p in weights.items()
        }
    total = sum(weights.values())
    return {token: weight / total for token, weight in weights.items()}


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_right_sampler_is_the_definition(probe: Probe, setting: Setting) -> None:
    expected = np.zeros((SIZES.vocab_size,) * 2)
    for one, p in following(probe, START, setting).items():
        for other, q in following(probe, (*START, one), setting).items():
            expected[one, other] = p * q
    assert np.abs(table(probe, RIGHT, setting) - expected).max() < 1e-12


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_every_distribution_adds_up_to_one(probe: Probe, setting: Setting) -> None:
    for sampler in (RIGHT, *mistakes(setting)):
        for length in (1, 3):
            found = table(probe, sampler, setting, length)
            assert found.shape == (SIZES.vocab_size,) * length
            assert found.sum() == pytest.approx(1, abs=1e-9), sampler.name


def test_a_temperature_before_the_filter_is_right_too(probe: Probe) -> None:
    """At horizon 1: the k likeliest are the same ones."""
    raw = logits(np.array([START]), probe.weights, probe.sizes)[0, -1] / 2.0
    raw[raw < np.sort(raw)[-3]] = -np.inf
    before = np.exp(raw) / np.exp(raw).sum()
    assert np.abs(table(probe, RIGHT, Setting(3, 2.0), 1) - before).max() < 1e-12


def test_a_filter_of_zero_filters_nothing(probe: Probe) -> None:
    assert (table(probe, RIGHT, Setting(0)) > 0).all()
    assert np.allclose(table(probe, RIGHT, Setting(0)), table(probe, RIGHT, Setting(SIZES.vocab_size)))
    for name in ("no filter", "filter k + 1", "filter k - 1"):
        assert np.array_equal(table(probe, BY_NAME[name], Setting(0)), table(probe, RIGHT, Setting(0)))


def test_log_weights_of_two_tokens(probe: Probe) -> None:
    """Up to one constant, and -inf at tokens that are filtered out."""
    setting = Setting(3, 1.5, 2)
    found = weigh(probe, setting, np.array([START]))[0]
    first = kept(probe, START, 3)
    assert set(np.flatnonzero(np.isfinite(found)).tolist()) == set(first)
    expected = {
        token: math.log(sum((p * q) ** (1 / 1.5) for q in kept(probe, (*START, token), 3).values()))
        for token, p in first.items()
    }
    assert [found[token] for token in expected] == pytest.approx(list(expected.values()), abs=1e-12)


def test_no_temperature_at_horizon_two_scales_nothing(probe: Probe) -> None:
    assert np.array_equal(table(probe, RIGHT, Setting(3, None, 2)), table(probe, RIGHT, Setting(3)))


# --- what mistakes draw from ---

SAME_AS_RIGHT = [
    ("no filter", Setting(2, 2.0), Setting(0, 2.0)),
    ("filter k + 1", Setting(2), Setting(3)),
    ("filter k + 1", Setting(5), Setting(5)),
    ("filter k - 1", Setting(3, 0.5, 2), Setting(2, 0.5, 2)),
    ("filter k - 1", Setting(1), Setting(1)),
    ("temperature ignored", Setting(3, 2.0), Setting(3)),
    ("temperature inverted", Setting(3, 2.0), Setting(3, 0.5)),
    ("temperature twice", Setting(3, 2.0, 2), Setting(3, 4.0, 2)),
    ("root of temperature", Setting(3, 4.0), Setting(3, 2.0)),
    ("horizon 2 for 1", Setting(3, 2.0), Setting(3, 2.0, 2)),
    ("horizon 1 for 2", Setting(3, 2.0, 2), Setting(3, 2.0)),
]


@pytest.mark.parametrize(("name", "setting", "other"), SAME_AS_RIGHT)
def test_a_mistake_is_right_for_another_setting(probe: Probe, name: str, setting: Setting, other: Setting) -> None:
    assert np.allclose(table(probe, BY_NAME[name], setting), table(probe, RIGHT, other), atol=1e-12)


def one_by_one(probe: Probe, see: str, length: int = 3) -> np.ndarray:
    """Without a filter, what is drawn where the model is shown something else than the whole context."""
    found = np.zeros((SIZES.vocab_size,) * length)
    for path in itertools.product(range(SIZES.vocab_size), repeat=length):
        p = 1.0
        for step, token in enumerate(path):
            whole = (*START, *path[:step])
            seen = {
                "memoryless": whole[-1:],
                "start alone": START,
                "fed twice": tuple(itertools.chain(*(whole[:end] for end in range(len(START), len(whole) + 1)))),
                "one position early": whole[:-1],
                "first position": whole[:1],
            }[see]
            p *= kept(probe, seen, 0)[token]
        found[path] = p
    return found


@pytest.mark.parametrize("name", ["memoryless", "start alone", "fed twice", "one position early", "first position"])
def test_what_the_model_is_shown(probe: Probe, name: str) -> None:
    assert np.abs(table(probe, BY_NAME[name], Setting(0), 3) - one_by_one(probe, name)).max() < 1e-12


def test_greedy_and_uniform(probe: Probe) -> None:
    greedy, uniform = (table(probe, BY_NAME[name], Setting(3), 3) for name in ("greedy", "uniform"))
    likeliest = max(kept(probe, START, 0).items(), key=lambda one: one[1])[0]
    assert sorted(greedy.reshape(-1))[-2:] == [0.0, 1.0]
    assert greedy[likeliest].sum() == 1
    assert sorted(uniform.reshape(-1))[-27:] == pytest.approx([1 / 27] * 27)


def test_probabilities_where_logits_belong(probe: Probe) -> None:
    p = kept(probe, START, 0)
    for name, setting in (("softmax twice", Setting(0)), ("temperature of probabilities", Setting(0, 2.0))):
        weights = np.array([math.exp(p[token] / (setting.temperature or 1)) for token in range(SIZES.vocab_size)])
        assert np.allclose(table(probe, BY_NAME[name], setting, 1), weights / weights.sum())


SECONDS = {
    "second alone": lambda p, second, t: sum(q ** (1 / t) for q in second.values()),
    "first unscaled": lambda p, second, t: p * sum(q ** (1 / t) for q in second.values()),
    "maximum over second": lambda p, second, t: max((p * q) ** (1 / t) for q in second.values()),
    "logarithms added": lambda p, second, t: math.prod((p * q) ** (1 / t) for q in second.values()),
}


@pytest.mark.parametrize("name", SECONDS)
def test_two_tokens_put_together_in_another_way(probe: Probe, name: str) -> None:
    weights = np.zeros(SIZES.vocab_size)
    for token, p in kept(probe, START, 3).items():
        weights[token] = SECONDS[name](p, kept(probe, (*START, token), 3), 2.0)
    assert np.allclose(table(probe, BY_NAME[name], Setting(3, 2.0, 2), 1), weights / weights.sum())


def test_every_mistake_says_what_it_is_and_no_two_share_a_name() -> None:
    assert RIGHT.say == ""
    assert all(sampler.say.endswith(".") for sampler in BY_NAME.values())
    for setting in (Setting(4), Setting(4, 2.0), Setting(3, 2.0, 2)):
        names = [sampler.name for sampler in mistakes(setting)]
        assert len(names) == len(set(names))
        assert all(BY_NAME[name] for name in names)
