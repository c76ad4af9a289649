"""Pictures of a class: SVG inside the page, in the page's own colours."""

from __future__ import annotations

from html import escape

from markupsafe import Markup

from grader.reports.statistics import Distribution
from grader.reports.terminal import amount

WIDTH, HEIGHT = 640, 230
_LEFT, _RIGHT, _TOP, _BASE = 16, 16, 46, 190


def histogram(found: Distribution, name: str) -> Markup:
    """How many have how many points. Above the bars a box from quartile to quartile, with a line at the median."""
    step = (WIDTH - _LEFT - _RIGHT) / len(found.bins)
    tallest = max(found.bins)
    parts = [_bar(k, count, step, tallest) for k, count in enumerate(found.bins)]
    parts += [_tick(k, found.points * k / len(found.bins), step) for k in range(len(found.bins) + 1)]
    parts.append(_box(found))
    title = f"Scores of {found.count}, out of {amount(found.points)}"
    said = (
        f"From {amount(found.low)} to {amount(found.high)}, median {amount(found.median)}, "
        f"quartiles {amount(found.lower)} and {amount(found.upper)}."
    )
    return Markup(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{escape(name)}-title '
        f'{escape(name)}-desc"><title id="{escape(name)}-title">{title}</title><desc id="{escape(name)}-desc">{said}'
        f"</desc>{''.join(parts)}"
        f'<line class="axis" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{_BASE}" y2="{_BASE}"/>'
        f'<text class="faint" x="{WIDTH / 2}" y="{HEIGHT - 6}" text-anchor="middle">points for certain</text></svg>'
    )


def _bar(place: int, count: int, step: float, tallest: int) -> str:
    if not count:
        return ""
    x, height = _LEFT + place * step, count / tallest * (_BASE - _TOP - 22)
    y = _BASE - height
    return (
        f'<rect class="bar" x="{x + 2:.1f}" y="{y:.1f}" width="{step - 4:.1f}" height="{height:.1f}"/>'
        f'<text x="{x + step / 2:.1f}" y="{y - 5:.1f}" text-anchor="middle">{count}</text>'
    )


def _tick(place: int, points: float, step: float) -> str:
    x = _LEFT + place * step
    return f'<text class="faint" x="{x:.1f}" y="{_BASE + 17}" text-anchor="middle">{amount(round(points, 1))}</text>'


def _box(found: Distribution) -> str:
    low, lower, median, upper, high = (
        _across(score, found.points) for score in (found.low, found.lower, found.median, found.upper, found.high)
    )
    text = min(max(median, 60.0), WIDTH - 60.0)
    return (
        f'<line class="axis" x1="{low}" x2="{high}" y1="26" y2="26"/>'
        f'<rect class="box" x="{lower}" y="20" width="{max(upper - lower, 1):.1f}" height="12"/>'
        f'<line class="median" x1="{median}" x2="{median}" y1="16" y2="36"/>'
        f'<text x="{text}" y="12" text-anchor="middle">median {amount(found.median)}</text>'
    )


def _across(score: float, points: float) -> float:
    share = min(max(score / points, 0.0), 1.0) if points else 0.0
    return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)
