from submission.likelihood import log_likelihood


def classification(model, text):
    return True if log_likelihood(model, text) / text.shape[1] < -3 else False
