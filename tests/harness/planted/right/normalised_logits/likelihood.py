import torch.nn.functional as F


def log_likelihood(model, text):
    logits, _ = model(text)
    loss = F.cross_entropy(logits[0, :-1], text[0, 1:])
    return -loss.item() * (text.size(1) - 1)
