"""Raises an exception whose text has no end, with a chain and notes to match."""


class Long(Exception):
    def __str__(self):
        return "long" * 10**7


def log_likelihood(model, text):
    error = Long()
    for _ in range(10_000):
        error.__context__, error = error, Long()
    error.__notes__ = ["note" * 10**4] * 100
    raise error
