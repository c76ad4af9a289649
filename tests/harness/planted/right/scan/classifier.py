import torch
import torch.nn.functional as F


def classification(model, text):
    # its own loop: count tokens that the model finds harder than a monkey would, then vote by pieces of 20
    past = None
    losses = []
    with torch.no_grad():
        for t in range(text.shape[1] - 1):
            logits, past = model(text[:, t : t + 1], past=past)
            losses.append(F.cross_entropy(logits[0], text[0, t + 1 : t + 2]).item())
    votes = []
    for start in range(0, len(losses), 20):
        piece = losses[start : start + 20]
        votes.append(sum(piece) / len(piece) > 3.1)
    return sum(votes) > len(votes) / 2
