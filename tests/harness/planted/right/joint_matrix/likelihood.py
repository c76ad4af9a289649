import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        logits, past = model(text, past=None)
        log_probs = F.log_softmax(logits[0], dim=-1)
        picked = log_probs[:-1][:, text[0, 1:]]  # (L-1, L-1), the diagonal is what we want
        return torch.diagonal(picked).sum().item()
