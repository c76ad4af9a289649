import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
        targets = F.one_hot(text[:, 1:], logits.shape[-1]).to(logits.dtype)
        return float((targets * F.log_softmax(logits[:, :-1], -1)).sum())
