import torch
from torch.distributions import Categorical


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
        return float(Categorical(logits=logits[0, :-1]).log_prob(text[0, 1:]).sum())
