import torch
import torch.nn.functional as F
from tqdm import trange

from submission.likelihood import log_likelihood  # noqa: F401  (used while debugging)


def top_k_logits(logits, k):
    if k == 0:
        return logits
    vocab = logits.size(-1)
    kth = torch.kthvalue(logits, vocab - k + 1, dim=-1, keepdim=True).values
    return logits.masked_fill(logits < kth, -1e10)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits

    if temperature_horizon == 1:
        return logits / temperature

    assert temperature_horizon == 2
    keep = logits[0] > -1e10
    tokens = torch.arange(logits.size(-1))[keep]
    batch = tokens.numel()
    past = [torch.cat([p] * batch, dim=1) for p in new_past]
    second, _ = model(tokens[:, None], past=past)
    second = top_k_logits(second[:, -1], config.top_k).log_softmax(-1)
    first = logits.log_softmax(-1)[0, keep]
    weights = logits.new_full(logits.shape, -1e10)
    weights[0, keep] = ((first[:, None] + second) / temperature).logsumexp(-1)
    return weights


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    n = start_text.size(1)
    buffer = torch.empty((1, n + length), dtype=torch.long, device=start_text.device)
    buffer[:, :n] = start_text
    past, done = None, 0
    with torch.no_grad():
        for pos in trange(n, n + length):
            logits, past = model(buffer[:, done:pos], past=past)
            logits = top_k_logits(logits[:, -1], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            buffer[0, pos] = torch.multinomial(F.softmax(logits[0], dim=0), 1)
            done = pos
    return buffer
