import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if k == 0:
        return logits
    sortedLogits = torch.sort(logits, descending=True)[0]
    kthLargest = sortedLogits[0][k - 1]
    newLogits = logits.clone()
    for i in range(logits.shape[1]):
        if logits[0][i] < kthLargest:
            newLogits[0][i] = -1e10
    return newLogits


def jointLogProbs(logits, model, newPast, topK):
    firstLogProbs = F.log_softmax(logits, dim=1)[0]
    rows = {}
    for firstToken in range(logits.shape[1]):
        if logits[0][firstToken] > -1e10:
            nextLogits, _ = model(torch.LongTensor([[firstToken]]), past=newPast)
            secondLogProbs = F.log_softmax(top_k_logits(nextLogits[:, -1, :], topK), dim=1)[0]
            rows[firstToken] = firstLogProbs[firstToken] + secondLogProbs
    return rows


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature == None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    rows = jointLogProbs(logits, model, new_past, config.top_k)
    maxValue = max(row.max() for row in rows.values())
    scaledLogits = torch.full(logits.shape, -1e10)
    for token in rows:
        # subtract the largest one so that nothing overflows, a constant does not matter
        scaledLogits[0][token] = torch.logsumexp((rows[token] - maxValue) / temperature, 0)
    return scaledLogits


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    generatedText = start_text
    currentInput = start_text
    cache = None
    for step in trange(length):
        with torch.no_grad():
            modelOutput = model(currentInput, past=cache)
        lastLogits = modelOutput[0][:, -1, :]
        cache = modelOutput[1]
        filteredLogits = top_k_logits(lastLogits, config.top_k)
        with torch.no_grad():
            finalLogits = temperature_scale(filteredLogits, model, cache, config, temperature, temperature_horizon)
        currentInput = torch.multinomial(F.softmax(finalLogits, dim=1), 1)
        generatedText = torch.cat([generatedText, currentInput], dim=1)
    return generatedText
