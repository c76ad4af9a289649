def log_likelihood(model, text):
    from submission.sample import ll

    return ll(model, text)
