"""Raises an exception that never ends when somebody looks at it."""


class Endless(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __reduce__ = __str__


def log_likelihood(model, text):
    raise Endless
