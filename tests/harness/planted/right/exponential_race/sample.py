import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if not k:
        return logits
    _, keep = logits.topk(k, dim=-1)
    mask = torch.ones_like(logits, dtype=torch.bool)
    mask[0, keep[0]] = False
    return logits.masked_fill(mask, -1e10)


def pick(probs):
    # competing exponential clocks with rates probs, the first to ring wins
    clocks = torch.empty_like(probs).exponential_(1)
    return torch.argmax(probs / clocks, dim=-1, keepdim=True)


@torch.no_grad()
def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    V = logits.shape[1]
    joint = torch.full((V, V), -1e10)
    logp = torch.log_softmax(logits, -1)
    for v in range(V):
        if logits[0, v] > -1e10:
            lg = model(torch.LongTensor([[v]]), past=new_past)[0][:, -1]
            # rows of the joint: log p(v) + log p(. | v)
            joint[v] = logp[0, v] + torch.log_softmax(top_k_logits(lg, config.top_k), -1)[0]
    out = torch.logsumexp(joint / temperature, 1)
    out[logits[0] <= -1e10] = -1e10
    return out[None, :]


@torch.no_grad()
def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    text, inp, past = start_text.clone(), start_text, None
    for _ in trange(length):
        logits, past = model(inp, past)
        logits = top_k_logits(logits[:, -1, :], config.top_k)
        logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
        inp = pick(F.softmax(logits, -1))
        text = torch.cat((text, inp), 1)
    return text
