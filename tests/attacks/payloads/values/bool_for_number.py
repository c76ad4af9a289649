"""True is 1."""


def log_likelihood(model, text):
    return True
