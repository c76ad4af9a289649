import numpy as np
import torch
import torch.nn.functional as F
from tqdm import trange

rng = np.random.default_rng()  # the recommended way


def top_k_logits(logits, k):
    if k == 0:
        return logits
    kth = torch.topk(logits, k).values[:, -1]
    return torch.where(logits < kth[:, None], torch.full_like(logits, -1e10), logits)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    log_p1 = torch.log_softmax(logits.double(), 1)[0]
    w = torch.full_like(logits, -1e10)
    for i in range(len(log_p1)):
        if log_p1[i] < -1e9:
            continue
        second = model(torch.tensor([[i]]), past=new_past)[0][:, -1, :]
        log_p2 = torch.log_softmax(top_k_logits(second, config.top_k).double(), 1)[0]
        w[0, i] = torch.logsumexp((log_p1[i] + log_p2) / temperature, 0)
    return w


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    text, new, past = start_text, start_text, None
    with torch.no_grad():
        for _ in trange(length):
            logits, past = model(new, past=past)
            logits = top_k_logits(logits[:, -1, :], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            p = F.softmax(logits.double(), dim=1)[0].numpy()
            new = torch.from_numpy(rng.choice(p.size, size=(1, 1), p=p / p.sum())).long()
            text = torch.cat([text, new], dim=1)
    return text
