from submission.likelihood import log_likelihood


def classification(model, text):
    if log_likelihood(model, text) < -320:
        return True
    else:
        return False
