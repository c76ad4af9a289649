import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    """Sum of log p(x_t | x_<t) for t = 2..L."""
    with torch.no_grad():
        logits = model(text)[0]
    log_p = F.log_softmax(logits[0, :-1], dim=-1)
    return -F.nll_loss(log_p, text[0, 1:], reduction="sum").item()
