import torch
import torch.nn.functional as F


def rest(model, text, t, past):
    if t == text.shape[1] - 1:
        return 0.0
    logits, past = model(text[:, t : t + 1], past=past)
    here = F.log_softmax(logits[0, 0], dim=0)[text[0, t + 1]].item()
    return here + rest(model, text, t + 1, past)


def log_likelihood(model, text):
    with torch.no_grad():
        return rest(model, text, 0, None)
