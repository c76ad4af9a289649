"""Reference for problem set 1, item 6.4: the log-likelihood of a text under the model."""

import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    """Sum over tokens 2..L of log p(token | tokens before), in nats; ``text`` has shape (1, L) or (L,)."""
    tokens = text.reshape(1, -1)
    with torch.no_grad():
        logits, _ = model(tokens)
    log_probs = F.log_softmax(logits[0, :-1].double(), dim=-1)
    return log_probs.gather(1, tokens[0, 1:].unsqueeze(1)).sum().item()
