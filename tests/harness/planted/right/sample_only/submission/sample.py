import numpy as np
import torch
import torch.nn.functional as F


def top_k_logits(logits, k):
    if k == 0:
        return logits
    order = np.argsort(logits.numpy(), axis=-1)
    drop = torch.from_numpy(order[:, : logits.shape[-1] - k].copy())
    return logits.scatter(-1, drop, -1e10)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    keep = torch.topk(logits[0], config.top_k).indices if config.top_k else torch.arange(logits.shape[-1])
    w = torch.full_like(logits, -1e10)
    log_p = logits - torch.logsumexp(logits, -1, keepdim=True)
    for x in keep:
        after = top_k_logits(model(x[None, None], past=new_past)[0][:, -1], config.top_k)
        log_q = after - torch.logsumexp(after, -1, keepdim=True)
        w[0, x] = torch.logsumexp((log_p[0, x] + log_q[0]) / temperature, -1)
    return w


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    text = start_text
    past = None
    with torch.no_grad():
        for i in range(length):
            if past is None:
                logits, past = model(text)
            else:
                logits, past = model(text[:, -1:], past=past)
            logits = top_k_logits(logits[:, -1], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            gumbel = -torch.log(-torch.log(torch.rand(logits.shape, dtype=torch.float64)))
            text = torch.cat([text, torch.argmax(logits + gumbel, dim=-1, keepdim=True)], dim=-1)
    return text
