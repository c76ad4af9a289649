import torch
import torch.nn.functional as F


def top_k_logits(logits, k):
    if k == 0:
        return logits
    kept = set(torch.topk(logits[0], k).indices.tolist())
    return torch.tensor([[x if i in kept else -1e10 for i, x in enumerate(logits[0].tolist())]])


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    p1 = F.softmax(logits.double(), dim=-1)[0]
    top = None
    log_joints = {}
    for i in range(len(p1)):
        if logits[0, i] > -1e10:
            out, _ = model(torch.tensor([[i]]), past=new_past)
            p2 = F.softmax(top_k_logits(out[:, -1], config.top_k).double(), dim=-1)[0]
            log_joints[i] = torch.log(p1[i]) + torch.log(p2[p2 > 0])
    top = max(v.max().item() for v in log_joints.values())
    weights = [-1e10] * len(p1)
    for i, v in log_joints.items():
        # sum of (p / p_max) ** (1 / T); its logarithm stays finite because each row has its own maximum
        m = v.max()
        weights[i] = ((m - top) / temperature + torch.log((torch.exp(v - m) ** (1 / temperature)).sum())).item()
    return torch.tensor([weights])


def draw(probs):
    u = torch.rand(1, dtype=torch.float64).item() * sum(probs)
    last = None
    for i, p in enumerate(probs):
        if p == 0:
            continue
        last = i
        u -= p
        if u < 0:
            return i
    return last


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    past = None
    new = start_text
    tokens = start_text.tolist()[0]
    for _ in range(length):
        with torch.no_grad():
            logits, past = model(new, past=past)
            logits = top_k_logits(logits[:, -1], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
        tokens = tokens + [draw(F.softmax(logits.double(), dim=-1)[0].tolist())]
        new = torch.tensor([tokens[-1:]])
    return torch.tensor([tokens])
