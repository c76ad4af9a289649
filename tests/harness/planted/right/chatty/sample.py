import numpy as np
import torch
import torch.nn.functional as F
from tqdm import trange

print("loading sample.py")


def top_k_logits(logits, k):
    if k == 0:
        return logits
    values, _ = torch.topk(input=logits, k=k)
    min_values = values[:, -1].unsqueeze(-1)
    return torch.where(condition=logits < min_values, input=torch.ones_like(logits) * -1e10, other=logits)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        print("no temperature")
        return logits
    elif temperature_horizon == 1:
        return logits / temperature
    else:
        print("joint of two tokens")
        first = F.log_softmax(logits, dim=-1)
        scaled = []
        for token in range(first.shape[-1]):
            if logits[0, token] <= -1e10:
                scaled.append(-1e10)
            else:
                second, _ = model(torch.tensor([[token]]), past=new_past)
                second = F.log_softmax(top_k_logits(logits=second[:, -1, :], k=config.top_k), dim=-1)
                scaled.append(torch.logsumexp((first[0, token] + second[0]) / temperature, dim=0).item())
        return torch.tensor([scaled])


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    print("start:", start_text.tolist())
    current_text = start_text
    past = None
    text = [start_text]
    with torch.no_grad():
        for step in trange(length, desc="tokens"):
            logits, past = model(current_text, past=past)
            logits = top_k_logits(logits=logits[:, -1, :], k=config.top_k)
            logits = temperature_scale(
                logits=logits,
                model=model,
                new_past=past,
                config=config,
                temperature=temperature,
                temperature_horizon=temperature_horizon,
            )
            probs = F.softmax(logits, dim=-1)
            current_text = torch.multinomial(probs, num_samples=1)
            text.append(current_text)
            print(f"step {step}: {current_text.item()}", np.round(probs.max().item(), 3))
    return torch.cat(text, dim=1)


if __name__ == "__main__":
    raise SystemExit("use main.py")
