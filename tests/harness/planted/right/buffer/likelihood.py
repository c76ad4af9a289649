import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    """Returns a tensor without dimensions."""
    with torch.no_grad():
        logits, _ = model(text)
    # (1, vocab, L - 1) is what cross_entropy wants
    return -F.cross_entropy(logits[:, :-1].transpose(1, 2), text[:, 1:], reduction="none").sum()
