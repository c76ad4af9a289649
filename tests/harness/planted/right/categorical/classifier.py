import submission.likelihood as L


def classification(model, text):
    # a monkey with 52 keys gives every letter 1/52; by that measure prose is far better than random
    import numpy as np

    monkey = (text.shape[1] - 1) * np.log(1 / 52)
    return L.log_likelihood(model, text) < 0.8 * monkey
