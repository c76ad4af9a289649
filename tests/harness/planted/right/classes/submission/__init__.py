"""Submission for problem set 1."""
