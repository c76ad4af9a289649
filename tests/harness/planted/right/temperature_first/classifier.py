from submission.likelihood import log_likelihood


def classification(model, text):
    random = log_likelihood(model, text) < -330
    return random
