import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        first, past = model(text[:, :1])
        if text.shape[1] > 2:
            rest, past = model(text[:, 1:-1], past=past)
            logits = torch.cat([first, rest], dim=1)
        else:
            logits = first
    return -F.cross_entropy(logits[0], text[0, 1:], reduction="sum").item()
