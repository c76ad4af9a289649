"""A picture for a report: histograms of what a student's function says, and beside them of what is exact.

It is one SVG that needs nothing else: no script, no font, no style from outside. Every source of texts has a row of its
own and says its name there, so that nothing is told by colour alone; the colours follow the reader's light or dark
screen, and paper gets the light ones.
"""

from __future__ import annotations

import hashlib
import math
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, GAP, TOP, ROW, BAR_TOP = 960.0, 24.0, 28.0, 76.0, 118.0, 30.0  # in the units of the picture
PANEL = (WIDTH - 2 * LEFT - GAP) / 2
BINS = 60
WIDER = 4.0  # an axis is at most so many times as long as the exact values take
WRAP = 58  # characters of a sentence on one line of a panel

STYLE = """
.{id} text {{ fill: #1b1b1b; font-size: 15px;
  font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }}
.{id} .title {{ font-size: 19px; font-weight: 600; }}
.{id} .head {{ font-size: 16px; font-weight: 600; }}
.{id} .name {{ font-weight: 600; }}
.{id} .faint {{ fill: #5c5c5c; font-size: 14px; }}
.{id} .ground {{ fill: #ffffff; }}
.{id} .axis {{ stroke: #5c5c5c; stroke-width: 1; }}
.{id} .grid {{ stroke: #dcdcdc; stroke-width: 1; }}
.{id} .mean {{ stroke: #1b1b1b; stroke-width: 1.5; stroke-dasharray: 4 3; }}
.{id} .row0 {{ fill: #c05000; }} .{id} .row1 {{ fill: #0a62a8; }} .{id} .row2 {{ fill: #00724f; }}
@media screen and (prefers-color-scheme: dark) {{
  .{id} text {{ fill: #eceef1; }} .{id} .faint {{ fill: #a9b0ba; }} .{id} .ground {{ fill: #16181c; }}
  .{id} .axis {{ stroke: #a9b0ba; }} .{id} .grid {{ stroke: #343940; }} .{id} .mean {{ stroke: #eceef1; }}
  .{id} .row0 {{ fill: #f0954a; }} .{id} .row1 {{ fill: #6db7f2; }} .{id} .row2 {{ fill: #3fc79a; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One source of texts: what the student's function says of each, and what is exact, in the same order.

    ``theirs`` is shorter where not all was said in time, and holds nan or infinity where the function did.
    """

    name: str
    theirs: tuple[float, ...]
    exact: tuple[float, ...]

    @property
    def numbers(self) -> tuple[float, ...]:
        return tuple(value for value in self.theirs if math.isfinite(value))


@dataclass(frozen=True, slots=True)
class Axis:
    """What both sides are drawn over, from a round number to a round number."""

    low: float
    high: float
    step: float

    def at(self, value: float) -> float:
        """How far along, from 0 to 1 on the axis."""
        return (value - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[float]:
        return [self.low + place * self.step for place in range(round((self.high - self.low) / self.step) + 1)]


def histograms(title: str, rows: Sequence[Row], trouble: str = "", notes: Sequence[str] = ()) -> str:
    """The picture. ``trouble`` says why the student's half is empty, if it is; ``notes`` stand below."""
    axis = axis_of(rows)
    identity = "g" + hashlib.sha256(repr((title, rows, trouble)).encode("utf-8", "replace")).hexdigest()[:10]
    foot = TOP + ROW * len(rows) + 48
    height = foot + 20 * len(notes) + 12
    most = _most(rows, axis)
    theirs = [_panel(LEFT, place, row.name, row.numbers, axis, most) for place, row in enumerate(rows)]
    left = _words(trouble) if trouble else [*theirs, _scale(LEFT, axis, len(rows))]
    start = LEFT + PANEL + GAP
    right = [_panel(start, place, row.name, row.exact, axis, most) for place, row in enumerate(rows)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{identity}" viewBox="0 0 {WIDTH:g} {height:g}" '
        f'role="img" aria-labelledby="{identity}-title {identity}-desc">',
        f'<title id="{identity}-title">{text_of(title)}</title>',
        f'<desc id="{identity}-desc">{text_of(described(rows, trouble, notes))}</desc>',
        f"<style>{STYLE.format(id=identity)}</style>",
        f'<rect class="ground" width="{WIDTH:g}" height="{height:g}"/>',
        _text(LEFT, 30, title, "title"),
        _text(LEFT, 58, "Submitted function", "head"),
        _text(start, 58, "Exact reference, on the same strings", "head"),
        *left,
        *right,
        _scale(start, axis, len(rows)),
        *(_text(LEFT, foot + 20 * place + 8, note, "faint") for place, note in enumerate(notes)),
        "</svg>\n",
    ]
    return "\n".join(parts)


def described(rows: Sequence[Row], trouble: str, notes: Sequence[str]) -> str:
    """The picture in words, for who cannot see it."""
    said = [trouble] if trouble else []
    for row in rows:
        theirs = "" if trouble else f"submitted function {summary(row.numbers)}; "
        said.append(f"{row.name}: {theirs}exact {summary(row.exact)}.")
    return " ".join((*said, *notes))


def summary(values: Sequence[float]) -> str:
    """Mean and range."""
    if not values:
        return "no values"
    return f"mean {_number(_mean(values))}, from {_number(min(values))} to {_number(max(values))}"


def _mean(values: Sequence[float]) -> float:
    """nan for no values; divided first, for a student's values may be as large as numbers get."""
    return sum(value / len(values) for value in values) if values else math.nan


def axis_of(rows: Sequence[Row]) -> Axis:
    """Long enough for the exact values, and for a student's unless these lie too far out to see the others."""
    exact = [value for row in rows for value in row.exact] or [0.0]
    values = exact + [value for row in rows for value in row.numbers]
    if max(values) - min(values) > WIDER * max(max(exact) - min(exact), 1.0):
        values = exact
    low, high = min(values), max(values)
    step = _round_step(max(high - low, 1.0) / 6)
    return Axis(math.floor(low / step) * step, max(math.ceil(high / step), math.floor(low / step) + 1) * step, step)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= rough * 0.999)


def counts(values: Sequence[float], axis: Axis) -> tuple[list[int], int]:
    """How many values fall into each of the bins, and how many beyond the axis."""
    bins = [0] * BINS
    for value in values:
        if axis.low <= value <= axis.high:
            bins[min(int(axis.at(value) * BINS), BINS - 1)] += 1
    return bins, len(values) - sum(bins)


def _most(rows: Sequence[Row], axis: Axis) -> int:
    """The fullest bin of all: heights of one picture can be compared."""
    return max(1, *(max(counts(values, axis)[0]) for row in rows for values in (row.exact, row.numbers)))


# --- parts ---


def _panel(left: float, place: int, name: str, values: Sequence[float], axis: Axis, most: int) -> str:
    """The histogram of one source, with its name, mean and range above it."""
    top = TOP + ROW * place
    bottom = top + ROW - 8
    found, beyond = counts(values, axis)
    wide = PANEL / BINS
    bars = [
        f'<rect class="row{place % 3}" x="{left + wide * bin_ + 0.5:.1f}" y="{bottom - _tall(count, most):.1f}" '
        f'width="{wide - 1:.1f}" height="{_tall(count, most):.1f}"/>'
        for bin_, count in enumerate(found)
        if count
    ]
    heading = (
        f'<text x="{left:.1f}" y="{top + 16:.1f}"><tspan class="name">{text_of(name)}</tspan>'
        f'<tspan class="faint" dx="10">{text_of(summary(values))}</tspan></text>'
    )
    grid = [_upright(left, at, top + BAR_TOP, bottom, axis, "grid") for at in axis.ticks]
    mean = _mean(values)
    marked = [_upright(left, mean, top + BAR_TOP - 6, bottom, axis, "mean")] if 0 <= axis.at(mean) <= 1 else []
    base = f'<line class="axis" x1="{left:.1f}" y1="{bottom:.1f}" x2="{left + PANEL:.1f}" y2="{bottom:.1f}"/>'
    far = f"{beyond} of {len(values)} values lie beyond the axis"
    outside = [_text(left + 8, top + BAR_TOP + 18, far, "far")] if beyond else []
    return "\n".join((heading, *grid, *bars, base, *marked, *outside))


def _tall(count: int, most: int) -> float:
    return (ROW - 8 - BAR_TOP) * count / most


def _upright(left: float, value: float, top: float, bottom: float, axis: Axis, kind: str) -> str:
    x = left + PANEL * axis.at(value)
    return f'<line class="{kind}" x1="{x:.1f}" y1="{top:.1f}" x2="{x:.1f}" y2="{bottom:.1f}"/>'


def _scale(left: float, axis: Axis, rows: int) -> str:
    """The numbers below the last row."""
    y = TOP + ROW * rows + 11
    ends = {0: "start", len(axis.ticks) - 1: "end"}
    numbers = [
        _text(left + PANEL * axis.at(tick), y, _number(tick), "faint", ends.get(place, "middle"))
        for place, tick in enumerate(axis.ticks)
    ]
    return "\n".join((*numbers, _text(left + PANEL / 2, y + 20, "log-likelihood in nats", "faint", "middle")))


def _words(sentence: str) -> list[str]:
    """Instead of histograms."""
    lines = textwrap.wrap(printable(sentence), WRAP)[:12]
    return [_text(LEFT, TOP + 16 + 22 * place, line, "said") for place, line in enumerate(lines)]


def _text(x: float, y: float, said: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text_of(said)}</text>'


def _number(value: float) -> str:
    value = round(value, 9) + 0.0  # and no -0
    if abs(value) >= 1e5:
        return f"{value:.0e}".replace("-", "−")
    shown = f"{value:.1f}" if abs(value) < 10 and value != round(value) else f"{value:.0f}"
    return shown.replace("-", "−")


def text_of(text: str) -> str:
    """Escaped, and without what XML cannot hold."""
    return escape(printable(text))


def printable(text: str, keep: str = "") -> str:
    """Without characters that control, format or mean nothing, but for those in ``keep``."""
    return "".join(c for c in text if c in keep or not unicodedata.category(c).startswith("C"))
