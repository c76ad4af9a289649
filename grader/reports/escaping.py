"""The templates of pages: all that is put into them is escaped, and nothing may be missing."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.printing import printable


def templates(shown: Callable[[str], str] = printable) -> Environment:
    """Those of this package. No control character of anybody's text comes onto a page (``shown`` makes the text fit for
    it); markup of our own stays as it is."""
    return Environment(
        loader=PackageLoader("grader.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: shown(value) if type(value) is str else value,
    )
