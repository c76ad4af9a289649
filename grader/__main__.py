"""``python -m grader`` is ``grade``."""

import os
import sys

# Python puts the current folder first, and what is graded may lie in it: its yaml.py would be imported for ours.
sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]

from grader.cli import main  # noqa: E402

main(prog_name="grade")
