import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    n = logits.shape[-1]
    if k == 0 or k >= n:
        return logits
    # the (n - k)-th smallest is the largest one that has to go
    bound, _ = torch.kthvalue(logits, n - k, dim=-1, keepdim=True)
    return torch.where(logits > bound, logits, torch.full_like(logits, -1e10))


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None or (temperature_horizon == 1 and temperature == 1):
        return logits
    if temperature_horizon == 1:
        return logits.div(temperature)
    beta = 1 / temperature
    log_p = logits - logits.logsumexp(-1, keepdim=True)
    w = []
    for i in range(logits.shape[-1]):
        if logits[0, i] <= -1e10:
            w.append(-1e10)
        else:
            nxt, _ = model(torch.tensor([[i]]), new_past)
            nxt = top_k_logits(nxt[:, -1], config.top_k)
            log_q = nxt - nxt.logsumexp(-1, keepdim=True)
            w.append(torch.logsumexp(beta * (log_p[0, i] + log_q), -1).item())
    return torch.tensor([w])


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    with torch.no_grad():
        past, new, result = None, start_text, start_text
        for _ in trange(length, desc="sampling", leave=False):
            out = model(new, past=past)
            past = out[1]
            logits = top_k_logits(out[0][:, -1, :], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            new = torch.distributions.Categorical(probs=F.softmax(logits, dim=-1)).sample().view(1, 1)
            result = torch.cat((result, new), 1)
    return result
