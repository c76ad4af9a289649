"""Course code with one realistic mistake each, as edits of one right submission (``right/plain``).

``loses`` follows the rules on course code: items are judged by function, a sampler whose draws are wrong loses on 6.3
and 6.6, one that is wrong in the temperature alone on 6.6 alone, a top-k helper that is wrong everywhere on all three.
Where the rules leave an item open it is in neither ``loses`` nor ``keeps``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

BASE = {path.name: path.read_text("utf-8") for path in sorted((Path(__file__).parent / "right" / "plain").glob("*.py"))}
ITEMS = frozenset({"6.3", "6.4", "6.5", "6.6", "6.7b"})

DRAWS = "6.3 6.6"  # `sample` draws wrongly, whatever the temperature
TEMPERATURE = "6.6"
JOINT = "6.7b"
ALL_OF_SAMPLE = "6.3 6.6 6.7b"
LIKELIHOOD = "6.4"
CLASSIFIER = "6.5"


@dataclass(frozen=True, slots=True)
class Wrong:
    """Files with one mistake; items that must lose marks for it and items that must not; ``slow`` never ends."""

    name: str
    files: dict[str, str]
    loses: frozenset[str]
    keeps: frozenset[str]
    slow: bool = False


def edited(text: str, *edits: tuple[str, str]) -> str:
    """``text`` with every ``(old, new)`` carried out; each ``old`` must stand in it exactly once."""
    for old, new in edits:
        assert text.count(old) == 1, f"{text.count(old)} times: {old}"
        text = text.replace(old, new)
    return text


def _in(file: str, name: str, loses: str, *edits: tuple[str, str], unclear: str = "", slow: bool = False) -> Wrong:
    files = BASE | {file: edited(BASE[file], *edits)}
    lost, left_open = frozenset(loses.split()), frozenset(unclear.split())
    return Wrong(name, files, lost, ITEMS - lost - left_open, slow)


def _sample(name: str, loses: str, *edits: tuple[str, str], unclear: str = "", slow: bool = False) -> Wrong:
    return _in("sample.py", f"sample_{name}", loses, *edits, unclear=unclear, slow=slow)


def _joint(name: str, *edits: tuple[str, str], slow: bool = False) -> Wrong:
    return _in("sample.py", f"joint_{name}", JOINT, *edits, slow=slow)


def _scale(name: str, new: str, loses: str = TEMPERATURE) -> Wrong:
    return _in("sample.py", f"scale_{name}", loses, ("return logits / temperature", new))


def _likelihood(name: str, *edits: tuple[str, str], slow: bool = False) -> Wrong:
    return _in("likelihood.py", f"likelihood_{name}", LIKELIHOOD, *edits, slow=slow)


def _classifier(name: str, *edits: tuple[str, str], slow: bool = False) -> Wrong:
    return _in("classifier.py", f"classifier_{name}", CLASSIFIER, *edits, slow=slow)


def _without(file: str, loses: str) -> Wrong:
    files = {name: text for name, text in BASE.items() if name != file}
    return Wrong(
        f"{file.removesuffix('.py')}_missing_file", files, frozenset(loses.split()), ITEMS - set(loses.split())
    )


# --- lines of the base ---

LINE = "\n            "  # one more line in the loop of `sample`

IMPORT = "from tqdm import trange"
TOP_K = "values, _ = torch.topk(logits, k)"
MASK = "torch.where(logits < smallest, torch.full_like(logits, -1e10), logits)"
NO_FILTER = "    if k == 0:\n        return logits\n"
NO_TEMPERATURE = "    if temperature is None:\n        return logits\n"
SCALE_HEAD = "def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):"

SAMPLE_HEAD = "def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):"
OUTPUT = "output = start_text\n"
FED = "tokens = start_text\n"
PAST = "past = None"
LOOP = "for _ in trange(length, leave=False):"
FORWARD = "logits, past = model(tokens, past=past)"
FILTER = " logits = top_k_logits(logits[:, -1, :], config.top_k)"
SCALE = "logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)"
SOFTMAX = "probs = F.softmax(logits, dim=-1)"
DRAW = "tokens = torch.multinomial(probs, num_samples=1)"
APPEND = "output = torch.cat([output, tokens], dim=1)"
RETURN = "return output"

WEIGHTS = "weights = torch.full_like(logits, -1e10)"
CANDIDATES = "range(logits.shape[-1])"
NEXT = "next_logits, _ = model(torch.tensor([[token]]), past=new_past)"
NEXT_FILTER = "next_logits = top_k_logits(next_logits[:, -1, :], config.top_k)"
SECOND = "second = F.log_softmax(next_logits, dim=-1)"
BOTH = "joint = first[0, token] + second[0]"
MARGINAL = "torch.logsumexp(joint / temperature, dim=-1)"
WEIGHTS_RETURN = "return weights"
TWO_TOKENS = "return two_tokens(logits, model, new_past, config, temperature)"

LL_HEAD = "def log_likelihood(model, text):"
LL_FORWARD = "logits, _ = model(text)"
LL_LOGS = "log_probs = F.log_softmax(logits[:, :-1, :], dim=-1)"
LL_TARGETS = "targets = text[:, 1:]"
LL_RETURN = "return scores.sum().item()"

CLASSIFIER_HEAD = "def classification(model, text):"
SCORE = 'score = -F.cross_entropy(logits[0, :-1], text[0, 1:], reduction="sum").item()'
THRESHOLD = "THRESHOLD = -310.0"
DECISION = "return score < THRESHOLD"


# --- sample.py: top-k, wrong wherever it is used ---

TOP_K_HELPER = (
    _sample("filter_k_plus_1", ALL_OF_SAMPLE, (TOP_K, "values, _ = torch.topk(logits, min(k + 1, logits.shape[-1]))")),
    _sample("filter_k_minus_1", ALL_OF_SAMPLE, (TOP_K, "values, _ = torch.topk(logits, max(k - 1, 1))")),
    _sample("filter_drops_kth", ALL_OF_SAMPLE, (MASK, MASK.replace("<", "<="))),
    _sample("filter_of_smallest", ALL_OF_SAMPLE, (TOP_K, "values, _ = torch.topk(logits, k, largest=False)")),
    _sample("filter_inverted", ALL_OF_SAMPLE, (MASK, MASK.replace("<", ">="))),
    _sample("filter_leaves_zeros", ALL_OF_SAMPLE, (MASK, "torch.where(logits < smallest, 0, logits)")),
    _sample(
        "filter_always_40",
        ALL_OF_SAMPLE,
        (TOP_K, "k = min(40, logits.shape[-1])  # as in the paper\n    values, _ = torch.topk(logits, k)"),
    ),
    # wrong only where a test has top_k = 0
    _sample("filter_none_crashes", "6.3", (NO_FILTER, ""), unclear="6.6 6.7b"),
)

# --- sample.py: draws ---

DRAWS_WRONG = (
    _sample("no_top_k", DRAWS, (FILTER, " logits = logits[:, -1, :]")),
    _sample("greedy", DRAWS, (DRAW, "tokens = probs.argmax(dim=-1, keepdim=True)")),
    _sample("uniform_over_top_k", DRAWS, (SOFTMAX, "probs = (F.softmax(logits, dim=-1) > 0).float()")),
    _sample("softmax_twice", DRAWS, (SOFTMAX, "probs = F.softmax(F.softmax(logits, dim=-1), dim=-1)")),
    _sample("softmax_of_wrong_dim", DRAWS, (SOFTMAX, "probs = F.softmax(logits, dim=0)")),
    _sample("weights_squared", DRAWS, (SOFTMAX, "probs = F.softmax(logits, dim=-1) ** 2")),
    _sample("past_not_carried", DRAWS, (FORWARD, "logits, past = model(tokens)")),
    _sample("whole_text_and_past", DRAWS, (FORWARD, "logits, past = model(output, past=past)")),
    _sample(
        "first_past_always",
        DRAWS,
        (FORWARD, f"logits, new_past = model(tokens, past=past){LINE}past = past or new_past"),
    ),
    _sample("start_alone", DRAWS, (FORWARD, "logits, past = model(start_text)")),
    _sample("position_0", DRAWS, (FILTER, " logits = top_k_logits(logits[:, 0, :], config.top_k)")),
    _sample(
        "position_before_last",
        DRAWS,
        (FORWARD, "logits, past = model(output)"),
        (FILTER, " logits = top_k_logits(logits[:, -2:, :][:, 0], config.top_k)"),
    ),
    _sample("context_is_last_token", DRAWS, (FED, "tokens = start_text[:, -1:]\n")),
    # right on short texts
    _sample("window_of_6", DRAWS, (FORWARD, "logits, past = model(output[:, -6:])")),
    _sample("window_of_50", DRAWS, (FORWARD, "logits, past = model(output[:, -50:])")),
    _sample("window_of_half", DRAWS, (FORWARD, "logits, past = model(output[:, -(config.n_ctx // 2) :])")),
    _sample("past_cut_to_10", DRAWS, (FORWARD, f"{FORWARD}{LINE}past = [present[..., -10:, :] for present in past]")),
    _sample(
        "first_start_token_ignored", DRAWS, (FED, "tokens = start_text[:, 1:] if start_text.numel() > 1 else output\n")
    ),
    _sample("seeded_inside", DRAWS, (PAST, "past = None\n    torch.manual_seed(config.seed)")),
    _sample(
        "first_draw_repeated",
        DRAWS,
        (
            DRAW,
            f"drawn = torch.multinomial(probs, num_samples=1){LINE}tokens = drawn if output is start_text else tokens",
        ),
    ),
    _sample("without_replacement", DRAWS, (FILTER, f"{FILTER}{LINE}logits = logits.index_fill(1, output[0], -1e10)")),
    _sample("two_draws_kept_larger", DRAWS, (DRAW, "tokens = torch.multinomial(probs, 2, True).amax(1, True)")),
    # the form of the result: where the draws can be read all the same, 6.6 judges them
    _sample("start_not_returned", "6.3", (RETURN, "return output[:, start_text.shape[1] :]"), unclear="6.6"),
    _sample("start_cut", DRAWS, (OUTPUT, "output = start_text[:, -1:]\n")),
    _sample("one_token_too_many", "6.3", (LOOP, "for _ in trange(length + 1, leave=False):"), unclear="6.6"),
    _sample("one_token_too_few", DRAWS, (LOOP, "for _ in trange(length - 1, leave=False):")),
    _sample("length_of_all", DRAWS, (LOOP, "for _ in trange(length - start_text.shape[1], leave=False):")),
    _sample("returns_float", "6.3", (RETURN, "return output.float()"), unclear="6.6"),
    _sample("returns_int32", "6.3", (RETURN, "return output.int()"), unclear="6.6"),
    _sample("returns_list", DRAWS, (RETURN, "return output.tolist()")),
    _sample("returns_1d", "6.3", (RETURN, "return output[0]"), unclear="6.6"),
    _sample("returns_nothing", DRAWS, (RETURN, "print(output)")),
    # small faults, which 6.6 may or may not try again
    _sample(
        "changes_start",
        "6.3",
        (OUTPUT, "output = start_text.clone()\n"),
        (DRAW, "tokens = start_text[:, -1:].copy_(torch.multinomial(probs, num_samples=1))"),
        unclear="6.6",
    ),
    _sample(
        "context_limit",
        "6.3",
        (PAST, "past = None\n    assert start_text.shape[1] + length < config.n_ctx"),
        unclear="6.6",
    ),
    _sample("none_is_zero", "6.3", (PAST, "past = None\n    temperature = temperature or 0.0"), unclear="6.6"),
)

# --- sample.py: temperature, horizon 1 ---

TEMPERATURE_WRONG = (
    _sample("ignores_temperature", TEMPERATURE, (SCALE, SCALE.replace("config, temperature,", "config, None,"))),
    _sample("temperature_twice", TEMPERATURE, (SCALE, f"{SCALE}{LINE}logits = logits / (temperature or 1.0)")),
    _sample("temperature_at_first_step", TEMPERATURE, (SCALE, f"if output is start_text:{LINE}    {SCALE}")),
    _sample("temperature_divides_probs", TEMPERATURE, (SCALE, ""), (SOFTMAX, f"{SOFTMAX} / (temperature or 1.0)")),
    _scale("multiplied", "return logits * temperature"),
    _scale("squared", "return logits / temperature**2"),
    _scale("root", "return logits / temperature**0.5"),
    _scale("subtracted", "return logits - temperature"),
    _scale("floor_division", "return logits // temperature"),
    _scale("in_place", "logits /= temperature\n        return logits"),
    _scale("probabilities", "return F.softmax(logits / temperature, dim=-1)"),
    _scale("of_probabilities", "return F.softmax(logits, dim=-1) / temperature"),
    _scale("log_of_scaled_probabilities", "return torch.log(F.softmax(logits, dim=-1) / temperature)"),
    _scale("not_below_1", "return logits / max(temperature, 1.0)"),
    _scale("not_above_1", "return logits / min(temperature, 1.0)"),
    _scale("returns_1d", "return (logits / temperature)[0]"),
    _scale("returns_nothing", "logits = logits / temperature\n        return None"),
    _sample("scale_none_crashes", DRAWS, (NO_TEMPERATURE, "")),
    _sample("scale_none_is_07", DRAWS, (NO_TEMPERATURE, "    if temperature is None:\n        temperature = 0.7\n")),
)

# --- sample.py: horizon 2 ---

JOINT_WRONG = (
    _joint("scaled_after_sum", (MARGINAL, "torch.logsumexp(joint, dim=-1) / temperature")),
    _joint("is_horizon_1", ("if temperature_horizon == 1:", "if temperature_horizon >= 1:")),
    _joint("first_factor_dropped", (BOTH, "joint = second[0]")),
    _joint("first_factor_unscaled", (MARGINAL, "first[0, token] + torch.logsumexp(second[0] / temperature, dim=-1)")),
    _joint("second_unnormalised", (SECOND, "second = next_logits")),
    _joint(
        "second_normalised_before_filter",
        (NEXT_FILTER, "next_logits = top_k_logits(F.log_softmax(next_logits[:, -1, :], dim=-1), config.top_k)"),
        (SECOND, "second = next_logits"),
    ),
    _joint("second_unfiltered", (NEXT_FILTER, "next_logits = next_logits[:, -1, :]")),
    _joint("second_without_past", (NEXT, NEXT.replace("past=new_past", "past=None"))),
    _joint("past_grows_with_candidates", (NEXT, NEXT.replace("next_logits, _", "next_logits, new_past"))),
    _joint("second_is_first_again", (NEXT, "next_logits = logits.unsqueeze(1)")),
    _joint("multiplied", (MARGINAL, "torch.logsumexp(joint * temperature, dim=-1)")),
    _joint("not_scaled", (MARGINAL, "torch.logsumexp(joint, dim=-1)")),
    _joint("squared", (MARGINAL, "torch.logsumexp(joint / temperature**2, dim=-1)")),
    _joint("maximum", (MARGINAL, "torch.max(joint / temperature)")),
    _joint("logarithms_added", (MARGINAL, "torch.sum(joint[joint > -1e9] / temperature)")),
    _joint("of_probabilities", (BOTH, "joint = first[0, token].exp() * second[0].exp()")),
    _joint("first_k_ids_only", (CANDIDATES, "range(config.top_k)")),
    _joint("filtered_are_zero", (WEIGHTS, "weights = torch.zeros_like(logits)")),
    _joint("filtered_are_nan", (WEIGHTS, 'weights = torch.full_like(logits, float("nan"))')),
    _joint("filtered_are_infinite", (WEIGHTS, 'weights = torch.full_like(logits, float("-inf"))')),
    _joint("in_place", (WEIGHTS, "weights = logits")),
    _joint("returns_1d", (WEIGHTS_RETURN, "return weights[0]")),
    _joint("returns_probabilities", (WEIGHTS_RETURN, "return F.softmax(weights, dim=-1)")),
    _joint("not_implemented", (TWO_TOKENS, "raise NotImplementedError")),
    # right in `temperature_scale`, wrong in what `sample` gives it
    _joint("horizon_not_passed_on", (SCALE, SCALE.replace("temperature_horizon)", "1)"))),
    _joint("past_not_passed_on", (SCALE, SCALE.replace("model, past", "model, None"))),
)

# --- likelihood.py ---

LIKELIHOOD_WRONG = (
    _likelihood("off_by_one", (LL_LOGS, LL_LOGS.replace(":-1", "1:"))),
    _likelihood("predicts_itself", (LL_TARGETS, "targets = text[:, :-1]")),
    _likelihood("mean", (LL_RETURN, "return scores.mean().item()")),
    _likelihood("positive", (LL_RETURN, "return -scores.sum().item()")),
    _likelihood("bits", (LL_RETURN, "return (scores.sum() / torch.tensor(2.0).log()).item()")),
    _likelihood("probability", (LL_RETURN, "return scores.sum().exp().item()")),
    _likelihood("product_underflows", (LL_RETURN, "return scores.exp().prod().log().item()")),
    _likelihood("sum_of_probabilities", (LL_LOGS, LL_LOGS.replace("log_softmax", "softmax"))),
    _likelihood("logits_unnormalised", (LL_LOGS, "log_probs = logits[:, :-1, :]")),
    _likelihood("softmax_of_wrong_dim", (LL_LOGS, LL_LOGS.replace("dim=-1", "dim=1"))),
    _likelihood("likeliest_tokens", (LL_TARGETS, "targets = log_probs.argmax(dim=-1)")),
    _likelihood("last_token_dropped", (LL_RETURN, "return scores[:, :-1].sum().item()")),
    _likelihood("second_token_dropped", (LL_RETURN, "return scores[:, 1:].sum().item()")),
    _likelihood(
        "first_token_uniform", (LL_RETURN, "return scores.sum().item() - torch.tensor(logits.shape[-1]).log().item()")
    ),
    _likelihood("last_token_only", (LL_RETURN, "return scores[0, -1].item()")),
    _likelihood(
        "top_k",
        (LL_FORWARD, f"{LL_FORWARD}\n    logits = top_k_logits(logits[0], min(40, logits.shape[-1])).unsqueeze(0)"),
        ("import torch\n", "import torch\nfrom submission.sample import top_k_logits\n"),
    ),
    _likelihood("half_precision", (LL_RETURN, "return scores.half().sum().item()")),
    _likelihood("integer", (LL_RETURN, "return int(scores.sum())")),
    _likelihood("rounded", (LL_RETURN, "return round(scores.sum().item(), 1)")),
    _likelihood("list", (LL_RETURN, "return [scores.sum().item()]")),
    _likelihood("shape_1", (LL_RETURN, "return scores.sum(dim=1)")),
    _likelihood("every_token", (LL_RETURN, "return scores[0]")),
    _likelihood("returns_nothing", (LL_RETURN, "print(scores.sum().item())")),
    _likelihood("context_of_one", (LL_FORWARD, "logits = model(text.reshape(-1, 1))[0].transpose(0, 1)")),
)

# --- classifier.py ---

CLASSIFIER_WRONG = (
    _classifier("always_true", (DECISION, "return True")),
    _classifier("always_false", (DECISION, "return False")),
    _classifier("inverted", (DECISION, "return score > THRESHOLD")),
    _classifier("counts_spaces", (DECISION, "return (text == 32).sum().item() < 5")),
    _classifier("coin", (DECISION, "return torch.rand(1).item() < 0.5")),
    _classifier("threshold_too_low", (THRESHOLD, "THRESHOLD = -1000.0")),
    _classifier("threshold_too_high", (THRESHOLD, "THRESHOLD = -20.0")),
    _classifier("threshold_of_mean", (SCORE, SCORE.replace('"sum"', '"mean"'))),
    _classifier("threshold_sign", (SCORE, SCORE.replace("-F", "F"))),
    _classifier("returns_score", (DECISION, "return score")),
    _classifier("returns_word", (DECISION, 'return "random" if score < THRESHOLD else "prose"')),
    _classifier("returns_nothing", (DECISION, "print(score < THRESHOLD)")),
    _classifier("returns_every_token", (DECISION, "return logits[0].logsumexp(-1) > 3")),
)

# --- code that does not run, or never ends, in one file or one function ---

CRASHES = (
    _sample("syntax_error", ALL_OF_SAMPLE, (SAMPLE_HEAD, SAMPLE_HEAD.removesuffix(":"))),
    _sample("indentation_error", ALL_OF_SAMPLE, (APPEND, f"  {APPEND}")),
    _sample("missing_module", ALL_OF_SAMPLE, (IMPORT, f"from submission.utils import set_seed\n{IMPORT}")),
    _sample("name_error_at_import", ALL_OF_SAMPLE, (IMPORT, f"{IMPORT}\n\nset_seed(42)")),
    _sample("exit_at_import", ALL_OF_SAMPLE, (IMPORT, f"import sys\n{IMPORT}\n\nsys.exit(0)")),
    _sample("never_ends_at_import", ALL_OF_SAMPLE, (IMPORT, f"{IMPORT}\n\nwhile True:\n    pass"), slow=True),
    _sample("not_implemented", DRAWS, (OUTPUT, "raise NotImplementedError\n")),
    _sample("exception", DRAWS, (FORWARD, "logits, past = model(tokens, past=past[0])")),
    _sample("exit", DRAWS, (RETURN, "print(output)\n    exit()")),
    _sample("killed", DRAWS, (RETURN, "import os\n\n    os.abort()")),
    _sample("other_name", DRAWS, (SAMPLE_HEAD, SAMPLE_HEAD.replace("sample", "generate"))),
    _sample("other_order", DRAWS, (SAMPLE_HEAD, SAMPLE_HEAD.replace("start_text, config", "config, start_text"))),
    _sample(
        "never_ends",
        DRAWS,
        (LOOP, "while output.shape[1] < start_text.shape[1] + length:"),
        (FORWARD, "logits, past = model(output)"),
        (APPEND, APPEND.replace("output =", "text =")),
        slow=True,
    ),
    _sample("scale_not_implemented", ALL_OF_SAMPLE, (NO_TEMPERATURE, "    raise NotImplementedError\n")),
    _sample(
        "scale_other_name",
        "6.6 6.7b",
        (SCALE_HEAD, SCALE_HEAD.replace("temperature_scale", "scale")),
        (SCALE, SCALE.replace("temperature_scale", "scale")),
    ),
    _sample(
        "scale_other_order",
        "6.6 6.7b",
        (SCALE_HEAD, SCALE_HEAD.replace("logits, model", "model, logits")),
        (SCALE, SCALE.replace("logits, model", "model, logits")),
    ),
    _joint("never_ends", (TWO_TOKENS, "while temperature_horizon > 1:\n        pass"), slow=True),
    _likelihood("syntax_error", (LL_RETURN, "return scores.sum(.item()")),
    _likelihood("missing_module", ("import torch\n", "import torch\nimport gpt2_helpers\n")),
    _likelihood("not_implemented", (LL_FORWARD, "raise NotImplementedError")),
    _likelihood("tuple_not_unpacked", (LL_FORWARD, "logits = model(text)")),
    _likelihood("exit", (LL_RETURN, "print(scores.sum())\n    raise SystemExit(1)")),
    _likelihood("other_name", (LL_HEAD, LL_HEAD.replace("log_likelihood", "loglikelihood"))),
    _likelihood("other_order", (LL_HEAD, LL_HEAD.replace("model, text", "text, model"))),
    _likelihood(
        "never_ends",
        (
            LL_RETURN,
            "total = t = 0\n    while t < targets.shape[1]:\n        total += scores[0, t].item()\n    return total",
        ),
        slow=True,
    ),
    _without("likelihood.py", LIKELIHOOD),
    _classifier("syntax_error", (DECISION, "return score < THRESHOLD)")),
    _classifier("missing_module", ("import torch\n", "import torch\nfrom submission.model import GPT2\n")),
    _classifier("not_implemented", (SCORE, "raise NotImplementedError")),
    _classifier("exception", (DECISION, "return score < threshold")),
    _classifier("exit", (DECISION, "print(score < THRESHOLD)\n    quit()")),
    _classifier("other_name", (CLASSIFIER_HEAD, CLASSIFIER_HEAD.replace("classification", "classify"))),
    _classifier("model_not_taken", (CLASSIFIER_HEAD, CLASSIFIER_HEAD.replace("model, ", ""))),
    _classifier("threshold_required", (CLASSIFIER_HEAD, CLASSIFIER_HEAD.replace("text)", "text, threshold)"))),
    _classifier("never_ends", (DECISION, "while score > THRESHOLD:\n        pass\n    return True"), slow=True),
    _without("classifier.py", CLASSIFIER),
    _without("sample.py", ALL_OF_SAMPLE),
)

WRONG = (
    *TOP_K_HELPER,
    *DRAWS_WRONG,
    *TEMPERATURE_WRONG,
    *JOINT_WRONG,
    *LIKELIHOOD_WRONG,
    *CLASSIFIER_WRONG,
    *CRASHES,
)
assert len({entry.name for entry in WRONG}) == len(WRONG)
