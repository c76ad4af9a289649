import torch


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
    probs = torch.softmax(logits[0, :-1].double(), dim=-1)
    p = torch.stack([probs[t, text[0, t + 1]] for t in range(text.shape[1] - 1)])
    return torch.log(p).sum().item()
