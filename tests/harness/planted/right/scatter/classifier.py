from submission import likelihood


def classification(model, text):
    threshold = -350
    return likelihood.log_likelihood(model, text) < threshold
