import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        logits, past = model(text, past=None)
    # cross entropy is minus the log-likelihood
    return -F.cross_entropy(logits[0, :-1, :], text[0, 1:], reduction="sum").item()
