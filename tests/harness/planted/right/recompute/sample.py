import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if k == 0:
        return logits
    values, _ = torch.topk(logits, k)
    min_values = values[:, -1].unsqueeze(-1)
    return torch.where(logits < min_values, torch.ones_like(logits) * -1e10, logits)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    if temperature_horizon == 2:
        p_first = F.softmax(logits, dim=-1)
        result = torch.full(logits.shape, -1e10)
        token = 0
        while token < logits.shape[-1]:
            if p_first[0, token] > 0:
                out, _ = model(torch.tensor([[token]]), past=new_past)
                out = F.log_softmax(top_k_logits(out[:, -1, :], config.top_k), dim=-1)
                result[0, token] = torch.logsumexp((torch.log(p_first[0, token]) + out[0]) / temperature, dim=0)
            token += 1
        return result


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    text = start_text
    while text.shape[1] < start_text.shape[1] + length:
        with torch.no_grad():
            # whole text again, no past needed
            logits, past = model(text)
            logits = top_k_logits(logits[:, -1, :], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            next_token = torch.multinomial(F.softmax(logits, dim=-1), 1)
        text = torch.cat([text, next_token], dim=1)
    return text
