"""Integers that take longer to write down than to make, and those that overflow."""


def log_likelihood(model, text):
    return [10**5000, -(2**63), 2**64, 1 << 10**7][text.shape[1] % 4]
