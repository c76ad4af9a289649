import torch
import torch.nn.functional as F


def log_likelihood(model, text):
    with torch.no_grad():
        allLogits, _ = model(text)
    logLikelihood = 0
    for position in range(text.shape[1] - 1):
        nextToken = text[0][position + 1]
        logLikelihood += F.log_softmax(allLogits[0][position], dim=0)[nextToken].item()
    return logLikelihood
