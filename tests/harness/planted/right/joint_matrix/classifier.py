from submission.likelihood import log_likelihood


def classification(model, text):
    # looked at the histograms: everything below -300 is random
    return log_likelihood(model, text) < -300.0
