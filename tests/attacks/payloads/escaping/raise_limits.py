"""Raises its limits, and those of others."""

import os
import resource

from given import attempt, did
from places import DECOY

KINDS = [getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")]


def raise_own(kind):
    before = resource.getrlimit(kind)
    for bound in (resource.RLIM_INFINITY, 2**40, before[0] + 1):
        attempt(lambda: resource.setrlimit(kind, (bound, bound)))  # noqa: B023 (called at once)
    if resource.getrlimit(kind) != before:
        did(f"may have more of {kind}")


def lower_others(kind):
    before = resource.prlimit(DECOY, kind)
    resource.prlimit(DECOY, kind, (before[0], before[1]))
    did(f"sets limits of others, {kind}")


def favour():
    os.nice(-5)
    did("comes first")


def pin():
    os.sched_setaffinity(DECOY, os.sched_getaffinity(DECOY))
    did("says where others run")


def log_likelihood(model, text):
    for kind in KINDS:
        attempt(lambda: raise_own(kind), lambda: lower_others(kind))  # noqa: B023 (called at once)
    attempt(favour, pin)
    return 0.0
