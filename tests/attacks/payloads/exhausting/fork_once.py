"""Forks in every way there is, once."""

import os
import subprocess

from given import attempt, did, first


def fork():
    if os.fork() == 0:
        did("lives in a child")
        os._exit(0)
    os.wait()


def log_likelihood(model, text):
    if not first():
        return 0.0
    attempt(
        fork,
        lambda: subprocess.run(["/bin/sh", "-c", "true"]) and did("ran a program"),
        lambda: os.posix_spawn("/bin/true", ["true"], {}) and did("spawned"),
        lambda: os.popen("echo by popen").read() and did("popen"),
    )
    return 0.0
