import torch
import torch.nn.functional as F
from tqdm import tqdm


def top_k_logits(logits, k):
    if k == 0:
        return logits
    top, where = torch.topk(logits, k, dim=-1)
    result = torch.ones_like(logits) * -1e10
    result.scatter_(-1, where, top)
    return result


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits.clone()
    if temperature_horizon == 1:
        # filtered ones stay at -1e10
        return torch.where(logits <= -1e10, logits, logits / temperature)
    k = config.top_k or logits.shape[1]
    l1, x1 = logits.topk(k)
    lp1 = F.log_softmax(l1, -1)
    past = [p.expand(p.shape[0], k, *p.shape[2:]) for p in new_past]
    l2 = model(x1.t().contiguous(), past=past)[0][:, -1, :]
    lp2 = F.log_softmax(l2.topk(k).values, -1)
    w = torch.logsumexp((lp1.t() + lp2) / temperature, 1, keepdim=True).t()
    return torch.full_like(logits, -1e10).scatter(1, x1, w)


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    past = None
    prev = start_text
    output = start_text
    with torch.no_grad():
        for i in tqdm(range(length)):
            logits, past = model(prev, past=past)
            logits = logits[:, -1, :]
            logits = top_k_logits(logits, k=config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            prev = torch.multinomial(F.softmax(logits, dim=-1), num_samples=1)
            output = torch.cat((output, prev), dim=1)
    return output
