import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if k == 0:
        return logits
    return logits.where(logits >= logits.topk(k).values[:, -1:], torch.tensor(-1e10))


@torch.inference_mode()
def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    match (temperature, temperature_horizon):
        case (None, _):
            return logits
        case (_, 1):
            return logits / temperature
        case (_, 2):
            (alive,) = torch.where(logits[0] > -1e10)
            after, _ = model(alive[:, None], past=[p.expand(-1, alive.numel(), -1, -1, -1) for p in new_past])
            lp = logits.log_softmax(-1)[0, alive, None] + top_k_logits(after[:, -1], config.top_k).log_softmax(-1)
            return torch.full_like(logits, -1e10).index_copy(1, alive, (lp / temperature).logsumexp(-1)[None])


@torch.inference_mode()
def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    text, past = start_text, None
    for i in trange(length):
        logits, past = model(text if i == 0 else text[:, -1:], past=past)
        logits = top_k_logits(logits[:, -1], config.top_k)
        logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
        text = torch.cat([text, torch.multinomial(F.softmax(logits, -1), 1)], -1)
    return text
