import numpy as np
import torch


def log_likelihood(model, text):
    with torch.no_grad():
        logits = model(text)[0][0].numpy().astype(np.float64)
    ids = text[0].numpy()
    m = logits.max(axis=1, keepdims=True)
    logp = logits - m - np.log(np.exp(logits - m).sum(axis=1, keepdims=True))
    # a numpy scalar
    return logp[np.arange(len(ids) - 1), ids[1:]].sum()
