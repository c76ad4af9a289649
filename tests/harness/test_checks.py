"""Tests of course code that chance could spoil: what they ask for, over many secrets, without a student's process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from grader.harness.checks import sampling, scaling
from grader.harness.checks.bench import Bench, Finding
from grader.harness.design import TEMPERATURES, TIE, long_probe
from grader.harness.gpt2 import GPT2, Config
from grader.harness.probes import Probe
from grader.harness.protocol import Returned
from grader.harness.samplers import Setting
from grader.harness.sequential import Verdict
from grader.harness.session import Call, Configuration, Failure, Tokens, Value

SECRETS = [f"secret {place}" for place in range(4)]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """The network is so small that threads would only wait for one another, long where other tests run beside."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


# --- sample: long texts ---

Next = Callable[[GPT2, Tensor], Tensor]  # logits after a text (1, L)


class Student:
    """Stands for a session: samples with a model in single precision that sees what ``after`` shows it."""

    def __init__(self, after: Next, probe: Probe) -> None:
        self.after = after
        self.network = GPT2(Config.of(probe.sizes.config))
        self.network.load_state_dict({name: torch.from_numpy(values) for name, values in probe.weights.items()})

    def call(self, file: str, function: str, calls: Sequence[Call], seconds: float) -> list[Value]:
        return [Value(Returned("tensor", "Tensor", self.drawn(call))) for call in calls]

    def drawn(self, call: Call) -> NDArray[np.int64]:
        _, start, config, length, *scaling = call.arguments
        assert isinstance(start, Tokens)
        assert isinstance(config, Configuration)
        assert isinstance(length, int)
        temperature = scaling[0] or 1.0
        assert isinstance(temperature, float)
        text, random = torch.tensor(start.values), torch.Generator().manual_seed(call.seed)
        for _ in range(length):
            logits, tokens = torch.topk(self.after(self.network, text), config.values["top_k"])
            place = torch.multinomial(torch.softmax(logits / temperature, -1), 1, generator=random)
            text = torch.cat([text, tokens.gather(1, place)], dim=1)
        found: NDArray[np.int64] = text.numpy()
        return found


def window(size: int) -> Next:
    return lambda model, text: model(text[:, -size:])[0][:, -1]


def judged(after: Next, secret: str, name: str = "plain", short: str = "right") -> Finding:
    """What is found on long texts, where that is what was found on short ones."""
    student = Student(after, long_probe(secret))
    bench = Bench(student, "sample.py", secret, f"draws of {secret}", None)  # type: ignore[arg-type]
    verdict = Verdict("right" if short == "right" else "wrong", 100, 0.0, 1e-7)
    bench.known[f"draws {name}"] = Failure("exception") if short == "failure" else sampling.Drawn(verdict)
    with torch.no_grad():
        return {"plain": sampling.check_context_limit, "temperature": sampling.check_temperature}[name](bench)


@pytest.mark.parametrize("name", ["plain", "temperature"])
def test_single_precision_never_counts_as_a_wrong_draw(name: str) -> None:
    for secret in SECRETS:
        assert judged(window(64), secret, name).state == "passed"


@pytest.mark.parametrize("name", ["plain", "temperature"])
@pytest.mark.parametrize("size", [6, 50])
def test_a_window_of_the_text_is_seen(size: int, name: str) -> None:
    for secret in SECRETS:
        found = judged(window(size), secret, name)
        assert found.state == "failed"
        assert "only a window of the text" in found.say


@pytest.mark.parametrize("short", ["wrong", "failure"])
def test_draws_that_are_wrong_on_short_texts_are_not_held_against_anybody_twice(short: str) -> None:
    assert judged(window(6), SECRETS[0], short=short).state == "passed"


def test_where_a_token_leaves_the_text_is_said() -> None:
    """Whatever comes after the first 30 tokens is drawn as if it came after 30 of the same."""
    found = judged(lambda model, text: model(text if text.shape[1] < 30 else 0 * text)[0][:, -1], SECRETS[0])
    assert found.state == "failed"
    before = int(found.say.split("after ")[1].split()[0])
    assert 30 <= before < 64


# --- temperature_scale: the filter ---

NEAR = (204, 243, 486, 491, 802, 821, 896, 900)  # where contexts drawn at random come nearer than a tie


def nearest(case: scaling.Case) -> float:
    """How near the filter comes to letting another token pass at either step, computed one context at a time."""
    k = case.setting.top_k
    contexts = [case.context, *(np.append(case.context, [[token]], axis=1) for token in np.flatnonzero(case.kept))]
    ordered = [np.sort(case.probe.logits(context)[0]) for context in contexts]
    return min(float(one[-k] - one[-k - 1]) for one in ordered)


def test_no_log_weights_depend_on_which_of_two_equal_logits_passes_the_filter() -> None:
    settings = [Setting(4, t, 2) for t in TEMPERATURES]
    for place in (*NEAR, *range(20)):
        bench = Bench(None, "sample.py", f"secret {place}", "d", None)  # type: ignore[arg-type]
        cases = scaling._cases(bench, settings, "scale two")
        assert [case.setting for case in cases] == [one for one in settings for _ in range(scaling.CONTEXTS)]
        assert {case.context.shape[1] for case in cases} == {2, 3, 4}
        assert min(map(nearest, cases)) > TIE, place
