"""Every shape that broadcasting would let pass, with a wrong value in some places."""

import torch
from given import right


def log_likelihood(model, text):
    value = right(model, text)
    return torch.tensor([[value, 0.0], [0.0, value]])
