import torch
import torch.nn.functional as F

MASK_VALUE = -1e10


class TopK:
    def __init__(self, k):
        self.k = k

    def __call__(self, logits):
        if self.k == 0:
            return logits
        threshold = torch.topk(logits, self.k).values[..., -1:]
        return logits.masked_fill(logits.lt(threshold), MASK_VALUE)


class LanguageModel:
    """The model and what it remembers."""

    def __init__(self, model, past=None):
        self.model = model
        self.past = past

    def feed(self, tokens):
        logits, self.past = self.model(tokens, past=self.past)
        return logits[:, -1, :]

    def peek(self, tokens):
        """Logits after each of the tokens; remembers nothing."""
        past = [layer.expand(-1, tokens.shape[0], -1, -1, -1) for layer in self.past]
        logits, _ = self.model(tokens, past=past)
        return logits[:, -1, :]


class Temperature:
    def __init__(self, value, horizon, top_k):
        self.value, self.horizon, self.top_k = value, horizon, top_k

    def __call__(self, logits, lm):
        if self.value is None:
            return logits
        if self.horizon == 1:
            return logits / self.value
        return self.joint(logits, lm)

    def joint(self, logits, lm):
        alive = logits[0].gt(MASK_VALUE)
        tokens = torch.arange(logits.shape[1])[alive].unsqueeze(1)
        first = F.log_softmax(logits, dim=-1)[0, alive].unsqueeze(1)
        second = F.log_softmax(self.top_k(lm.peek(tokens)), dim=-1)
        marginal = torch.logsumexp((first + second) / self.value, dim=-1)
        return torch.full_like(logits, MASK_VALUE).masked_scatter(alive.unsqueeze(0), marginal)
