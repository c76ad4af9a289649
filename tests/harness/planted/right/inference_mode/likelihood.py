import torch
import torch.nn.functional as F


@torch.inference_mode()
def log_likelihood(model, text):
    logits, _ = model(text)
    return -F.nll_loss(logits[:, :-1].log_softmax(-1).flatten(0, 1), text[:, 1:].flatten(), reduction="sum")
