"""Automated grading and answer checking for a deep-generative-models course."""

__version__ = "0.1.0"
