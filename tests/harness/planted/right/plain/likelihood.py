import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
    log_probs = F.log_softmax(logits[:, :-1, :], dim=-1)
    targets = text[:, 1:]
    scores = log_probs.gather(2, targets.unsqueeze(-1)).squeeze(-1)
    return scores.sum().item()
