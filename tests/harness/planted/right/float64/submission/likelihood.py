import torch


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
    logits = logits[0, :-1].double()
    chosen = logits[torch.arange(len(logits)), text[0, 1:]]
    return (chosen - torch.logsumexp(logits, dim=-1)).sum().item()
