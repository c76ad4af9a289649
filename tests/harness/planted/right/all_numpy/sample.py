import numpy as np
import torch
from tqdm import trange


def log_softmax(x):
    x = x - np.max(x, axis=-1, keepdims=True)
    return x - np.log(np.sum(np.exp(x), axis=-1, keepdims=True))


def logsumexp(x, axis):
    m = np.max(x, axis=axis, keepdims=True)
    return np.squeeze(m, axis) + np.log(np.sum(np.exp(x - m), axis=axis))


def top_k_logits(logits, k):
    if k == 0:
        return logits
    a = logits.detach().numpy()
    kth = np.partition(a, -k, axis=-1)[..., -k:].min(axis=-1, keepdims=True)
    return torch.from_numpy(np.where(a < kth, np.float32(-1e10), a))


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return torch.from_numpy(logits.detach().numpy() / np.float32(temperature))
    a = logits.detach().numpy()[0].astype(np.float64)
    kept = np.flatnonzero(a > -1e10)
    first = log_softmax(a[kept])
    out = np.full(a.shape, -1e10, dtype=np.float32)
    for n, token in enumerate(kept):
        after, _ = model(torch.from_numpy(token.reshape(1, 1)), past=new_past)
        second = top_k_logits(after[:, -1, :], config.top_k).numpy()[0].astype(np.float64)
        out[token] = logsumexp((first[n] + log_softmax(second)) / temperature, axis=0)
    return torch.from_numpy(out[np.newaxis])


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    text = start_text.numpy().copy()
    past = None
    tokens = start_text
    with torch.no_grad():
        for _ in trange(length):
            logits, past = model(tokens, past=past)
            logits = top_k_logits(logits[:, -1, :], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            logp = log_softmax(logits.numpy()[0].astype(np.float64))
            cdf = np.cumsum(np.exp(logp))
            u = np.random.random() * cdf[-1]
            token = min(np.searchsorted(cdf, u, side="right"), np.flatnonzero(logp > -1e9)[-1])
            text = np.concatenate([text, [[token]]], axis=1)
            tokens = torch.tensor([[token]], dtype=torch.long)
    return torch.from_numpy(text)
