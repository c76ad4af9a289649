import numpy as np

from submission.likelihood import log_likelihood


def classification(model, text):
    return np.less(log_likelihood(model, text), -310)
