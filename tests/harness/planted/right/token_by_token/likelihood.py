import torch


def log_likelihood(model, text):
    past = None
    terms = []
    with torch.no_grad():
        for now, then in zip(text[0, :-1], text[0, 1:]):
            logits, past = model(now.view(1, 1), past=past)
            terms.append(torch.log_softmax(logits.view(-1), dim=0)[then])
    return torch.stack(terms).sum().item()
