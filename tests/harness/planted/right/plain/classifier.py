import torch
import torch.nn.functional as F

THRESHOLD = -310.0


def classification(model, text):
    with torch.no_grad():
        logits, _ = model(text)
    score = -F.cross_entropy(logits[0, :-1], text[0, 1:], reduction="sum").item()
    return score < THRESHOLD
