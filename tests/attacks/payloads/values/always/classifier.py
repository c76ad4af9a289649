"""Says the same of everything."""


def classification(model, text):
    return True
