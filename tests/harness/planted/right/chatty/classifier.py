from submission.likelihood import log_likelihood


def classification(model, text):
    ll = log_likelihood(model, text)
    print("random" if ll < -300 else "prose", ll)
    return ll < -300
