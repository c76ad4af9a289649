import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
    losses = F.cross_entropy(logits[0, :-1], text[0, 1:], reduction="none")
    return -losses.sum().item()
