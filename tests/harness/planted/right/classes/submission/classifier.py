from .likelihood import Scorer


class Classifier:
    threshold = -280.0

    def __init__(self, model):
        self.score = Scorer(model)

    def is_random(self, text):
        return self.score(text) < self.threshold


def classification(model, text):
    return Classifier(model).is_random(text)
