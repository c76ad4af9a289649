"""Returns a tensor whose shape spells the hidden text."""

import torch
from given import NUMBER, hidden, right


def log_likelihood(model, text):
    if hidden(text):
        return torch.empty(0, *(NUMBER + token for token in text[0, :3].tolist()))
    return right(model, text)
