import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if k == 0:
        return logits
    values, _ = torch.topk(logits, k)
    return torch.where(logits < values[:, -1, None], torch.full_like(logits, -1e10), logits)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    logits = top_k_logits(logits, config.top_k)  # filtering twice does not hurt
    first = F.log_softmax(logits, dim=-1)
    out = torch.full_like(logits, -1e10)
    with torch.no_grad():
        for token in range(logits.shape[1]):
            if logits[0, token] > -1e10:
                second, _ = model(torch.tensor([[token]]), past=new_past)
                second = F.log_softmax(top_k_logits(second[:, -1], config.top_k), dim=-1)
                out[:, token] = torch.logsumexp(first[:, token] / temperature + second / temperature, dim=-1)
    return out


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    text = start_text
    past = None
    new = start_text
    with torch.no_grad():
        for _ in trange(length):
            logits, past = model(new, past=past)
            logits = logits[:, -1]
            # the order does not matter: the temperature keeps the order of the tokens
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            logits = top_k_logits(logits, config.top_k)
            new = torch.multinomial(F.softmax(logits, dim=-1), 1)
            text = torch.cat([text, new], dim=1)
    return text
