"""Infinity, with the sign that likelihoods have."""


def log_likelihood(model, text):
    return float("-inf")
