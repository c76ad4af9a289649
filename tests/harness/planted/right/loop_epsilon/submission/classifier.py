import submission.likelihood as L
def classification(model, text):
    score = L.log_likelihood(model, text)
    if score > -270:
        return False
    return True
