import torch


def log_likelihood(model, text):
    log_likelihood = 0.0
    with torch.no_grad():
        logits, _ = model(text)
        for i, token in enumerate(text[0, 1:]):
            log_likelihood += float(logits[0, i, token] - torch.logsumexp(logits[0, i], dim=0))
    return log_likelihood
