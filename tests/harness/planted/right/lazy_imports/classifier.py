def classification(model, text):
    from submission.likelihood import log_likelihood

    return log_likelihood(model, text) / 100 < -3.3
