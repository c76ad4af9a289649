"""Looks at every process there is: its environment, its command, its files."""

import os

from given import attempt, first, right
from places import DECOY, PLACE


def log_likelihood(model, text):
    if first():
        listed = []
        attempt(lambda: listed.extend(name for name in os.listdir("/proc") if name.isdecimal()))
        for pid in {*listed, str(os.getppid()), str(DECOY), "1", "self"}:
            attempt(
                lambda: open(f"/proc/{pid}/environ", "rb").read(),  # noqa: B023, SIM115 (called at once)
                lambda: open(f"/proc/{pid}/cmdline", "rb").read(),  # noqa: B023, SIM115
                lambda: open(f"/proc/{pid}/root{PLACE}/secret").read(),  # noqa: B023, SIM115
                lambda: open(f"/proc/{pid}/cwd/secret").read(),  # noqa: B023, SIM115
            )
    return right(model, text)
