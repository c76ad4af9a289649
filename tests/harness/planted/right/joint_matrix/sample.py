import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if k == 0:
        return logits
    values, _ = torch.topk(logits, k)
    min_values = values[:, -1].unsqueeze(1)
    return torch.where(logits < min_values, torch.ones_like(logits, dtype=logits.dtype) * -1e10, logits)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    # p(x1, x2) as a matrix
    vocab = logits.shape[1]
    p1 = F.softmax(logits, dim=-1)
    past = [p.expand(-1, vocab, -1, -1, -1) for p in new_past]
    logits2, _ = model(torch.arange(vocab).unsqueeze(1), past=past)
    p2 = F.softmax(top_k_logits(logits2[:, -1, :], config.top_k), dim=-1)
    joint = p1.t() * p2
    scaled = torch.log(joint + 1e-10) / temperature
    new_logits = torch.logsumexp(scaled, dim=1).unsqueeze(0)
    new_logits[logits <= -1e10] = -1e10
    return new_logits


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    current_text = start_text
    past = None
    output = start_text.clone()
    with torch.no_grad():
        for _ in trange(length):
            logits, past = model(current_text, past=past)
            logits = logits[:, -1, :]
            logits = top_k_logits(logits, config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            probs = F.softmax(logits, dim=-1)
            current_text = torch.multinomial(probs, num_samples=1)
            output = torch.cat((output, current_text), dim=1)
    return output
