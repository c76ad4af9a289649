from submission.likelihood import log_likelihood

numberOfCharacters = 100


def classification(model, text):
    averageLogLikelihood = log_likelihood(model, text) / numberOfCharacters
    isRandom = averageLogLikelihood < -3.0
    return isRandom
