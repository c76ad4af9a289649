"""The tests of course code: one file per function, and one visible table in ``suite``."""
