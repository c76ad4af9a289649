import likelihood


def classification(model, text):
    ll = likelihood.log_likelihood(model, text)
    # tensor(True) or tensor(False)
    return ll < -300
