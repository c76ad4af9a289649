"""Ends Python by an abort."""

import os


def log_likelihood(model, text):
    os.abort()
