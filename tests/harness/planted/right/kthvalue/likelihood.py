import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text[:, :-1])  # nothing comes after the last token
        mean = F.cross_entropy(logits[0], text[0, 1:])
    return -mean.item() * (text.shape[1] - 1)
