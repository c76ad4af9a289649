# Alice, problem set 1: likelihood of a text
import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
    # cross_entropy is -log p(target), so flip the sign; position t predicts token t + 1
    nll = F.cross_entropy(logits[0, :-1], text[0, 1:], reduction="sum")
    return -float(nll)
