from submission.likelihood import log_likelihood


def classification(model, text):
    return log_likelihood(model, text) < -300
