from submission.likelihood import log_likelihood

cutoff = -300


def classification(model, text):
    ll = log_likelihood(model, text)
    return bool(ll < cutoff)
