"""Reference for problem set 1, items 6.3, 6.6 and 6.7b: top-k sampling with temperature over one token or two."""

import torch
import torch.nn.functional as F
from tqdm import trange

FILTERED = -1e10
CHUNK = 64


def top_k_logits(logits, k):
    """Replace every logit below the k-th largest of its row by -1e10; k = 0 leaves the logits alone."""
    if k == 0:
        return logits
    kth_largest = torch.topk(logits, k, dim=-1).values[..., -1:]
    return torch.where(logits < kth_largest, torch.full_like(logits, FILTERED), logits)


def next_log_probs(model, tokens, past, k):
    """Log-probabilities of the token after each of ``tokens`` (shape (N,)), all of which continue the same ``past``."""
    if past is not None:
        past = [layer.expand(-1, len(tokens), -1, -1, -1) for layer in past]
    logits, _ = model(tokens.unsqueeze(1), past=past)
    return F.log_softmax(top_k_logits(logits[:, -1, :], k), dim=-1)


def joint_temperature_scale(logits, model, past, k, temperature):
    """Log-weights of the next token when the joint distribution of the next two tokens is scaled by 1/temperature."""
    logits = top_k_logits(logits, k)
    first = F.log_softmax(logits, dim=-1)[0]
    kept = (logits[0] > FILTERED).nonzero().squeeze(1)
    weights = torch.full_like(logits, FILTERED)
    for tokens in kept.split(CHUNK):
        second = next_log_probs(model, tokens, past, k)
        joint = first[tokens].unsqueeze(1) + second
        weights[0, tokens] = torch.logsumexp(joint / temperature, dim=-1)
    return weights


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    """Log-weights (1, vocab) of the next token, scaled by a temperature over the next one or two tokens."""
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    if temperature_horizon == 2:
        return joint_temperature_scale(logits, model, new_past, config.top_k, temperature)
    raise ValueError(f"temperature_horizon is 1 or 2, not {temperature_horizon}")


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    """Extend ``start_text``, a LongTensor of shape (1, L), by ``length`` tokens drawn from the model."""
    output = [start_text]
    tokens, past = start_text, None
    with torch.no_grad():
        for _ in trange(length, leave=False):
            logits, past = model(tokens, past=past)
            logits = top_k_logits(logits[:, -1, :], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            tokens = torch.multinomial(F.softmax(logits, dim=-1), num_samples=1)
            output.append(tokens)
    return torch.cat(output, dim=1)
