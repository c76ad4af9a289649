import math

from submission.likelihood import log_likelihood


def classification(model, text):
    perplexity = math.exp(-log_likelihood(model, text) / text.shape[1])
    return perplexity > 20
