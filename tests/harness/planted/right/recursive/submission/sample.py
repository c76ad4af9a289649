import torch
import torch.nn.functional as F


def top_k_logits(logits, k):
    if k == 0:
        return logits
    values, indices = torch.topk(logits, k)
    return torch.full_like(logits, -1e10).scatter(-1, indices, values)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    # horizon h = log p / T plus the log-normaliser that comes after the token
    def after(token):
        out = model(torch.tensor([[token]]), past=new_past)[0][:, -1]
        log_p = F.log_softmax(top_k_logits(out, config.top_k), dim=-1)
        return torch.logsumexp(log_p / temperature, dim=-1)

    now = F.log_softmax(logits, dim=-1) / temperature
    rest = [after(i) if logits[0, i] > -1e10 else torch.zeros(1) for i in range(logits.shape[-1])]
    return torch.where(logits > -1e10, now + torch.stack(rest, dim=-1), torch.full_like(logits, -1e10))


def extend(model, text, new, past, config, length, temperature, horizon):
    if length == 0:
        return text
    logits, past = model(new, past=past)
    logits = top_k_logits(logits[:, -1, :], config.top_k)
    logits = temperature_scale(logits, model, past, config, temperature, horizon)
    token = torch.multinomial(torch.softmax(logits, dim=-1), 1)
    return extend(model, torch.cat([text, token], 1), token, past, config, length - 1, temperature, horizon)


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    with torch.no_grad():
        return extend(model, start_text, start_text, None, config, length, temperature, temperature_horizon)
