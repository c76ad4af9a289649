import torch


def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
        rows = torch.log_softmax(logits[0, :-1], dim=-1)
        return sum(row[token].item() for row, token in zip(rows, text[0, 1:]))
