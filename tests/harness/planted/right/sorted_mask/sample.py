# Problem 6: sampling with a cache
import numpy as np
import torch
import torch.nn.functional as F
from tqdm import trange

# seed for reproducible runs on my machine
torch.manual_seed(42)
np.random.seed(42)


def top_k_logits(logits, k):
    if k == 0:
        return logits
    sorted_logits, _ = logits.sort(dim=-1, descending=True)
    cutoff = sorted_logits[:, k - 1].unsqueeze(1)
    return logits.masked_fill(logits < cutoff, -1e10)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    elif temperature_horizon == 1:
        return logits / temperature
    elif temperature_horizon == 2:
        # all candidates in one batch, the past is repeated for each of them
        vocab = logits.size(-1)
        all_tokens = torch.arange(vocab, device=logits.device).view(vocab, 1)
        past = [p.expand(-1, vocab, -1, -1, -1) for p in new_past]
        second_logits, _ = model(all_tokens, past=past)
        second = F.log_softmax(top_k_logits(second_logits[:, -1, :], config.top_k), dim=-1)
        first = F.log_softmax(logits, dim=-1).view(vocab, 1)
        out = torch.logsumexp((first + second) / temperature, dim=1).view(1, vocab)
        return out.masked_fill(logits <= -1e10, -1e10)
    raise NotImplementedError


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    current_text = start_text
    past = None
    text = start_text
    with torch.no_grad():
        for _ in trange(length):
            logits, past = model(current_text, past=past)
            logits = logits[:, -1, :]
            logits = top_k_logits(logits, k=config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            probs = F.softmax(logits, dim=-1)
            current_text = torch.multinomial(probs, num_samples=1)
            text = torch.cat((text, current_text), dim=1)
    return text


if __name__ == "__main__":
    print("run main.py instead")
