import torch
import torch.nn.functional as F
from tqdm import trange

eps = 1e-10


def top_k_logits(logits, k):
    if k == 0: return logits
    v = torch.topk(logits, k)[0][:, -1]
    mask = logits < v.unsqueeze(-1)
    new = logits.clone()
    new[mask] = -1e10
    return new


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None: return logits
    if temperature_horizon == 1: return logits / temperature
    probs1 = F.softmax(logits, dim=1)
    answer = -1e10 * torch.ones_like(logits)
    for a in torch.nonzero(probs1[0]).squeeze(1).tolist():
        l, _ = model(torch.tensor([[a]]), past=new_past)
        probs2 = F.softmax(top_k_logits(l[:, -1, :], config.top_k), dim=1)
        logs = [torch.log(probs1[0, a] * p + eps) / temperature for p in probs2[0] if p > 0]
        answer[0, a] = torch.logsumexp(torch.stack(logs), dim=0)
    return answer


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    past = None
    cur = start_text
    all_tokens = [t for t in start_text[0]]
    with torch.no_grad():
        for i in trange(length):
            logits, past = model(cur, past=past)
            logits = top_k_logits(logits[:, -1, :], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            cur = torch.multinomial(F.softmax(logits, dim=1), 1)
            all_tokens.append(cur[0, 0])
    return torch.stack(all_tokens).unsqueeze(0)
