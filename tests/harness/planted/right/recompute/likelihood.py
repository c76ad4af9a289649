import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        logits, past = model(text)
        log_probs = F.log_softmax(logits, dim=-1)
        total = 0
        for t in range(1, text.shape[1]):
            total = total + log_probs[0, t - 1, text[0, t]]
    return total
