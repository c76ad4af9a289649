import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
        log_probs = F.log_softmax(logits, dim=2)
        t = torch.arange(text.shape[1] - 1)
        return log_probs[0, t, text[0, t + 1]].sum()
