"""Steers the terminal by what it cannot import."""

from given import STEERING

raise ImportError(f"No module named {STEERING}")
