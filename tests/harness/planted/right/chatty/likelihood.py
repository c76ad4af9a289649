import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
    log_probs = F.log_softmax(logits, dim=-1)
    log_probs = log_probs[:, :-1, :]
    targets = text[:, 1:].unsqueeze(2)
    result = torch.gather(log_probs, 2, targets).sum()
    print("log-likelihood:", result)
    return result.item()
