import torch


@torch.no_grad()
def log_likelihood(model, text):
    # one token at a time with the cache
    past = None
    total = 0.0
    for t in range(text.shape[1] - 1):
        logits, past = model(text[:, t : t + 1], past)
        total += torch.log_softmax(logits[0, -1], -1)[text[0, t + 1]].item()
    return total
