import torch
import torch.nn.functional as F


class Scorer:
    def __init__(self, model):
        self.model = model

    @torch.no_grad()
    def __call__(self, text):
        logits, _ = self.model(text)
        log_probs = F.log_softmax(logits, dim=-1)[:, :-1]
        return torch.take_along_dim(log_probs, text[:, 1:, None], dim=2).sum().item()


def log_likelihood(model, text):
    return Scorer(model)(text)
