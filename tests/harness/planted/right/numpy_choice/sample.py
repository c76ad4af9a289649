import numpy as np
import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if k == 0:
        return logits
    values = torch.topk(logits, k, dim=1)[0]
    out = logits.clone()
    out[out < values[0, -1]] = -1e10
    return out


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    vocab = logits.shape[1]
    log_joint = np.full((vocab, vocab), -np.inf)
    log_p1 = F.log_softmax(logits.double(), dim=1).detach().numpy()
    for i in range(vocab):
        if logits[0, i] > -1e10:
            l2, _ = model(torch.tensor([[i]]), past=new_past)
            l2 = top_k_logits(l2[:, -1, :], config.top_k)
            log_joint[i] = log_p1[0, i] + F.log_softmax(l2.double(), dim=1).detach().numpy()[0]
    scaled = log_joint / temperature
    biggest = scaled.max()
    with np.errstate(divide="ignore"):
        w = np.logaddexp.reduce(scaled - biggest, axis=1)
    w[np.isneginf(w)] = -1e10
    return torch.from_numpy(w).to(logits.dtype).unsqueeze(0)


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    ids = start_text[0].tolist()
    past = None
    new = start_text
    with torch.no_grad():
        for _ in trange(length):
            logits, past = model(new, past=past)
            logits = top_k_logits(logits[:, -1, :], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            p = F.softmax(logits.double(), dim=-1).numpy()[0]
            p = p / p.sum()
            idx = int(np.random.choice(len(p), p=p))
            ids.append(idx)
            new = torch.tensor([[idx]])
    return torch.tensor([ids], dtype=torch.long)
