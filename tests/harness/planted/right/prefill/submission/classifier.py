from . import likelihood


def classification(model, text):
    return likelihood.log_likelihood(model, text) < -345
