import numpy as np
import torch

from submission.sample import log_softmax


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
    logp = log_softmax(logits[0].numpy())
    ids = text[0].tolist()
    return np.float32(sum(logp[i, ids[i + 1]] for i in range(len(ids) - 1)))
