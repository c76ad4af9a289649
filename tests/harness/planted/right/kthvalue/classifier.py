from submission.likelihood import log_likelihood


def classification(model, text):
    nll_per_token = -log_likelihood(model, text) / (text.shape[1] - 1)
    return nll_per_token > 3.05
