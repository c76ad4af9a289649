"""Where keys stand, as one page: every route with what it found, and pictures of what was simulated."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import yaml
from jinja2 import Environment

from grader.montecarlo.simulation import Estimate, Run
from grader.proving.standing import Standing, Status
from grader.reports.escaping import templates
from grader.reports.pictures import band_svg, number, relation
from grader.reports.proved import WORDS
from grader.routes import Claimed, Reason, Route

_ORDER: tuple[Status, ...] = ("refuted", "faulty", "undecided", "missing", "proved", "supported", "reason")
_SIGNS: dict[Status, str] = {
    "refuted": "✗",
    "faulty": "!",
    "undecided": "?",
    "missing": "·",
    "proved": "✓",
    "supported": "✓",
    "reason": "–",
}
_ALARMING: tuple[Status, ...] = ("refuted", "faulty")


def proved_page(standings: Sequence[Standing], seconds: float | None = None) -> str:
    """One HTML page that needs nothing beside it. ``seconds``: what all of it took."""
    counts = Counter(standing.status for standing in standings)
    return (
        _environment()
        .get_template("proved.html.j2")
        .render(
            standings=standings,
            seconds=seconds,
            counts=[(status, counts[status]) for status in _ORDER if counts[status]],
            alarming=[s for status in _ALARMING for s in standings if s.status == status],
            assignments=[(name, list(own)) for name, own in groupby(standings, lambda standing: standing.assignment)],
            simulated=any(proof.found.runs for standing in standings for proof in standing.proofs),
        )
    )


def _environment() -> Environment:
    environment = templates()
    environment.globals |= {"words": WORDS, "signs": _SIGNS, "number": number, "relation": relation}
    environment.globals |= {"picture": _picture, "as_written": _as_written, "name_of": _name_of, "within": _within}
    environment.globals["must_fail"] = _must_fail
    return environment


def _picture(run: Run) -> object:
    from markupsafe import Markup

    return Markup(band_svg(run))  # its texts are escaped


def _name_of(standing: Standing) -> str:
    return standing.item if standing.field == "answer" else f"{standing.item} {standing.field}"


def _must_fail(route: Route) -> bool:
    return isinstance(route, Claimed) and route.counterexample is not None


def _within(found: Run | Estimate) -> str:
    """Bounds, and the estimate between them."""
    width = found.high - found.low
    width = width if math.isfinite(width) else 0.0
    low, estimate, high = (number(x, width) for x in (found.low, found.estimate, found.high))
    return f"{estimate} in [{low}, {high}]"


def _as_written(route: Route) -> str:
    """The route as its author wrote it, or nearly so; nothing where that is told anyway."""
    if isinstance(route, Reason):
        return ""
    data: dict[str, Any] = route.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, exclude={"of", "note"}, serialize_as_any=True
    )
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100).rstrip()
