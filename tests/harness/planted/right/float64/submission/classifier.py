from submission import likelihood


def classification(model, text):
    per_character = likelihood.log_likelihood(model, text) / 100
    return per_character < -2.8
