import torch
import torch.nn.functional as F
from tqdm import trange

from .common import LanguageModel, Temperature, TopK


def top_k_logits(logits, k):
    return TopK(k)(logits)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    scale = Temperature(temperature, temperature_horizon, TopK(config.top_k))
    return scale(logits, LanguageModel(model, new_past))


class Sampler:
    def __init__(self, model, config, temperature, horizon):
        self.lm = LanguageModel(model)
        self.filter = TopK(config.top_k)
        self.scale = Temperature(temperature, horizon, self.filter)

    def step(self, tokens):
        logits = self.scale(self.filter(self.lm.feed(tokens)), self.lm)
        return torch.multinomial(F.softmax(logits, dim=-1), num_samples=1)


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    sampler = Sampler(model, config, temperature, temperature_horizon)
    text = [start_text]
    with torch.no_grad():
        for _ in trange(length):
            text.append(sampler.step(text[-1]))
    return torch.cat(text, dim=1)
