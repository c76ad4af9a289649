"""How results are shown: one file for each form, one visible table."""

from __future__ import annotations

from collections.abc import Callable

from grader.reports import json
from grader.result import Report

WRITERS: dict[str, Callable[[Report], str]] = {"json": json.render}
