"""How every page is made of a template: escaped, strict, with its styles inside and a policy that allows no more."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from grader.printing import printable
from grader.reports import typesetting
from grader.reports.escaping import templates
from grader.reports.html.evidence import greek
from grader.reports.terminal import SYMBOLS, amount
from grader.result import Status

LONGEST = 50_000  # characters of any one text; all of it is in what was handed in
SIGNS: dict[Status, str] = {status: sign for status, (sign, _, _) in SYMBOLS.items()}
# In a student's report; staff read the statuses themselves.
WORDS: dict[Status, str] = {
    "correct": "correct",
    "partial": "partly correct",
    "incorrect": "not correct",
    "blank": "blank",
    "malformed": "not readable",
    "review": "a person reads it",
    "error": "fault of ours",
}


def render(template: str, script: str = "", **values: Any) -> str:
    """A page; ``script`` names the one that it may run."""
    typesetting.new_page()
    style, own = _styles(), _resource(script) if script else ""
    policy = _policy(style, own)
    return (
        _environment().get_template(template).render(style=Markup(style), script=Markup(own), policy=policy, **values)
    )


def _policy(style: str, script: str) -> str:
    """Nothing from anywhere; only our own styles, and the one script of ours, where there is one."""
    parts = [
        "default-src 'none'",
        "img-src data:",
        f"style-src {_hash(style)}",
        *([f"script-src {_hash(script)}"] if script else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(parts)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _styles() -> str:
    return f"{_resource('report.css')}\n{typesetting.styles()}"


@cache
def _resource(name: str) -> str:
    return (files("grader.reports") / "templates" / name).read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = templates(lambda text: printable(_beginning(text)))
    environment.globals |= {"signs": SIGNS, "friendly": WORDS, "amount": amount, "greek": greek}
    for name in ("formula", "prose", "sentence", "code"):
        environment.globals[name] = _of_beginning(getattr(typesetting, name))
    return environment


def _of_beginning(typeset: Callable[..., Markup]) -> Callable[..., Markup]:
    """Remembered, too: prompts and feedback come again on every page of a class."""

    @lru_cache(maxsize=1024)
    def remembered(text: str, *more: str | bool) -> Markup:
        return typeset(_beginning(text), *more)

    return remembered


def _beginning(text: str) -> str:
    """No text of anybody's makes a page too large to open."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} […]"
