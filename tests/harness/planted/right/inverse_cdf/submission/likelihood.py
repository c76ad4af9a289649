import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        total = 0.0
        for t in range(1, text.shape[1]):
            # recompute everything, it is only 100 characters
            logits, _ = model(text[:, :t])
            total += F.log_softmax(logits[0, -1].double(), dim=0)[text[0, t]].item()
        return total
