import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    ll = 0.
    with torch.no_grad():
        logits, past = model(text[:, :1])
        for i in range(1, text.shape[1]):
            ll = ll + F.log_softmax(logits[:, -1], dim=1)[0, text[0, i]]
            if i < text.shape[1] - 1:
                logits, past = model(text[:, i:i+1], past=past)
    return ll.item()
