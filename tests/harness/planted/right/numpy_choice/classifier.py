from likelihood import log_likelihood


def classification(model, text):
    # numpy bool
    return log_likelihood(model, text) < -290
