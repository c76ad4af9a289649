import math

import torch


def log_likelihood(model, text):
    with torch.no_grad():
        probs = torch.softmax(model(text)[0][0].double(), dim=-1)
    return math.fsum(math.log(probs[t, text[0, t + 1]].item()) for t in range(text.shape[1] - 1))
