# Alice, problem set 1: sampling
import torch
import torch.nn.functional as F
from tqdm import trange

MINUS_INF = -1e10


def top_k_logits(logits, k):
    if k == 0:
        return logits
    values, _ = torch.sort(logits, dim=-1, descending=True)
    return logits.masked_fill(logits < values[:, k - 1 : k], MINUS_INF)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature

    # horizon 2: log p(x1) + log p(x2 | x1) for every first token that survived top-k, one model call per candidate
    log_p1 = torch.log_softmax(top_k_logits(logits, config.top_k), dim=-1)
    out = torch.full_like(logits, MINUS_INF)
    for x1 in range(logits.shape[-1]):
        if logits[0, x1] <= MINUS_INF or log_p1[0, x1] <= MINUS_INF / 2:
            continue
        next_logits, _ = model(torch.tensor([[x1]], device=logits.device), past=new_past)
        log_p2 = torch.log_softmax(top_k_logits(next_logits[:, -1], config.top_k), dim=-1)
        log_joint = log_p1[0, x1] + log_p2[0]
        out[0, x1] = torch.logsumexp(log_joint / temperature, dim=0)
    return out


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    text = start_text.clone()
    past = None
    new_tokens = text
    with torch.no_grad():
        for _ in trange(length):
            all_logits, past = model(new_tokens, past=past)
            last = top_k_logits(all_logits[:, -1, :], config.top_k)
            last = temperature_scale(last, model, past, config, temperature, temperature_horizon)
            probs = F.softmax(last, dim=-1)
            new_tokens = torch.multinomial(probs, 1)
            text = torch.cat((text, new_tokens), dim=-1)
    return text
