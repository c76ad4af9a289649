"""Pictures of claims that were judged by drawing: one line for a terminal, an SVG for a page.

A line such as ``█▇▆▅▄▃▂▁ ··├──●┼──┤··`` has two parts. Bars over the draws (log scale) are the width of the confidence
band, one step down for each halving. Then the last band stands on an axis, ``├──┤``, with the estimate ``●`` in it, the
claim ``│`` (``┼`` within the band, ``◉`` where the estimate meets it) and dots as far as the margin reaches.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from grader.montecarlo.simulation import Moment, Run
from grader.printing import in_one_line

# Bars from low to high; then both ends of a band, where it has none, its inside, the estimate, the claim outside and
# inside, both, the margin.
_UNICODE = ("▁▂▃▄▅▆▇█", tuple("├┤←→─●│┼◉·"))
_ASCII = (".:-=+*%#", tuple("[]<>-o||@."))
_HUGE = 4e307  # what lies beyond is cut, so that differences are finite
_TINY = 1e-300
_RELATIONS = {"<=": "≤", ">=": "≥", "!=": "≠"}
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

WIDTH, HEIGHT = 560, 220
_TOP, _BOTTOM = 34.0, HEIGHT - 36.0
_CHARACTER = 6.4  # width of one, about, at 11 pixels
_ZOOM = 6.0  # bands wider than so many times what matters run off the picture
# Mid-tones read on white and on black; text takes the page's colour, or, in a file of its own, one that fits.
_STYLE = "@media screen and (prefers-color-scheme: dark) {.band-picture:root {color: #ddd}}"
_BLUE, _GREEN = "#3d86d6", "#3aa76d"


# --- a line ---


def spark(run: Run, width: int = 24, unicode: bool = True) -> str:
    """One line of ``width`` characters: how the band narrowed, and where it lies at the end (see the module)."""
    bars, signs = _UNICODE if unicode else _ASCII
    columns = width // 3
    return f"{_bars(run.track, columns, bars):>{columns}} {_strip(run, width - columns - 1, signs)}"


def _bars(track: Sequence[Moment], columns: int, signs: str) -> str:
    """A bar for each doubling of the draws, or as many as there is room for."""
    if not track:
        return ""
    first, last = (math.log2(max(1, track[k].draws)) for k in (0, -1))
    count = max(1, min(columns, math.ceil(last - first) + 1))
    ends = [first + (last - first) * k / (count - 1) for k in range(count)] if count > 1 else [last]
    widths = [_width([m for m in track if math.log2(max(1, m.draws)) <= end + 1e-9][-1]) for end in ends]
    finite = [width for width in widths if math.isfinite(width)]
    top = 7 if len(finite) == len(widths) else 6  # the highest bar is kept for bands without an end
    return "".join(signs[_level(width, max(finite, default=0.0), top)] for width in widths)


def _level(width: float, widest: float, top: int) -> int:
    if not math.isfinite(width):
        return 7
    halvings = math.log2(max(widest, _TINY) / max(width, _TINY))
    return max(0, top - round(halvings))


def _width(moment: Moment) -> float:
    return max(0.0, moment.high - moment.low)


def _strip(run: Run, cells: int, signs: tuple[str, ...]) -> str:
    """The last band, its estimate, the claim and its margin on one axis."""
    left, right, endless_left, endless_right, inside, estimate, claim, crossed, both, near = signs
    low, high = _spread([*_claimed(run), run.low, run.estimate, run.high])

    def cell(value: float) -> int:
        return round(_share(value, low, high) * (cells - 1))

    row = [" "] * cells
    if run.margin:
        start, stop = cell(run.target - run.margin), cell(run.target + run.margin)
        row[start : stop + 1] = near * (stop + 1 - start)
    start, stop = cell(run.low), cell(run.high)
    row[start : stop + 1] = inside * (stop + 1 - start)
    row[start] = left if math.isfinite(run.low) else endless_left
    row[stop] = right if math.isfinite(run.high) else endless_right
    at, middle = cell(run.target), cell(run.estimate)
    row[at] = crossed if start <= at <= stop else claim
    row[middle] = both if middle == at else estimate
    return "".join(row)


# --- axes ---


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from ``low`` to ``high``, two to ``most`` of them.

    Fewer, or none, only where floating point has no such numbers between the two.
    """
    span = high - low
    if not (math.isfinite(span) and span > max(_TINY, 16 * math.ulp(max(abs(low), abs(high))))):
        return []
    power = math.floor(math.log10(span / most))
    for step in (factor * 10.0 ** (power + more) for more in range(3) for factor in (1, 2, 5)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [min(max(k * step, low), high) for k in range(first, last + 1)]
    return []


def draw_ticks(first: float, last: float) -> list[float]:
    """Powers of ten; with twice and five times them where that leaves fewer than three."""
    powers = range(math.floor(math.log10(first)), math.ceil(math.log10(last)) + 1)
    for factors in ((1,), (1, 2, 5)):
        found = [factor * 10.0**power for power in powers for factor in factors]
        found = [tick for tick in found if first <= tick <= last]
        if len(found) >= 3:
            break
    return found


def number(x: float, width: float = 0.0) -> str:
    """The number, to the digits that count within a range of that width; five without one."""
    if not math.isfinite(x):
        return "?" if math.isnan(x) else "∞" if x > 0 else "−∞"
    known = 0 < width < math.inf
    if x == 0 or (known and abs(x) < width / 1000):
        return "0"
    digits = min(15, max(1, math.ceil(math.log10(abs(x)) - math.log10(width)) + 3)) if known else 5
    mantissa, _, exponent = f"{x:.{digits - 1}e}".partition("e")
    power = int(exponent)
    if -4 <= power < 7:
        decimals = max(0, digits - 1 - power)
        return _bare(f"{x:,.{decimals}f}").replace("-", "−")
    return f"{_bare(mantissa)}×10{_superscript(power)}".replace("-", "−").removeprefix("1×")


def _bare(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _superscript(power: int) -> str:
    return str(power).translate(_SUPERSCRIPTS)


def _thousands(draws: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if draws >= size:
            return f"{draws / size:g}{letter}"
    return f"{draws:g}"


def _claimed(run: Run) -> list[float]:
    margin = run.margin or 0.0
    return [run.target - margin, run.target, run.target + margin]


def _spread(values: Iterable[float]) -> tuple[float, float]:
    """From the least to the largest that is finite; never of width 0."""
    finite = [min(max(value, -_HUGE), _HUGE) for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    least = max(abs(low), abs(high)) * 1e-12
    if high - low <= max(least, _TINY):
        more = abs(high) / 10 or 1.0
        return low - more, high + more
    return low, high


def _share(value: float, low: float, high: float) -> float:
    """How far along the axis, from 0 to 1; what has no value lies in the middle."""
    return 0.5 if math.isnan(value) else min(1.0, max(0.0, (value - low) / (high - low)))


# --- a picture ---


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where values and draws lie in the picture."""

    left: float
    right: float
    low: float
    high: float
    first: float
    last: float

    def x(self, draws: float) -> float:
        share = math.log(max(1.0, draws) / self.first) / math.log(self.last / self.first)
        return round(self.left + share * (self.right - self.left), 2)

    def y(self, value: float) -> float:
        """Not cut at the frame, so that bands keep their slope, but never far from it."""
        value = 0.5 * self.low + 0.5 * self.high if math.isnan(value) else min(max(value, -_HUGE), _HUGE)
        share = min(20.0, max(-19.0, (value - self.low) / (self.high - self.low)))
        return round(_BOTTOM - share * (_BOTTOM - _TOP), 2)


def band_svg(run: Run, title: str = "") -> str:
    """The band around the running estimate over the draws, and the claim, as a self-contained SVG.

    A ``title`` is written above the picture in place of what is estimated. The green strip is where the claim holds:
    it is supported once the whole band lies there.
    """
    low, high = _shown_values(run)
    ticks = nice_ticks(low, high)
    labels = _tick_labels(ticks)
    claim = _claim_labels(run, high - low)
    left, right = (16 + _CHARACTER * max(map(len, texts), default=0) for texts in (labels, claim))
    frame = _Frame(left, WIDTH - right, low, high, *_shown_draws(run.track))
    plot = f'x="{left:g}" y="{_TOP:g}" width="{frame.right - left:g}" height="{_BOTTOM - _TOP:g}"'
    inner = f'viewBox="{left:g} {_TOP:g} {frame.right - left:g} {_BOTTOM - _TOP:g}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="band-picture" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'fill="currentColor" font-family="system-ui, sans-serif" font-size="11">',
            f"<title>{_text(title or run.claim)}</title>",
            f"<desc>{_text(describe(run))}</desc>",
            f"<style>{_STYLE}</style>",
            *_headings(run, title, frame),
            *_axes(frame, list(zip(ticks, labels, strict=True))),
            f"<svg {plot} {inner}>",  # an inner svg cuts what lies outside, and needs no name for it
            *_strips(run, frame),
            *_band(run, frame),
            "</svg>",
            *_claim(run, frame, claim),
            "</svg>",
        ]
    )


def describe(run: Run) -> str:
    """The picture in a sentence."""
    width = run.high - run.low
    margin = f" within {number(run.margin, run.margin)}" if run.margin else ""
    return (
        f"{run.shown} is estimated as {number(run.estimate, width)}, between {number(run.low, width)} and "
        f"{number(run.high, width)}, after {run.draws:,} draws; claimed is {relation(run)} "
        f"{number(run.target, width)}{margin}: {run.kind}."
    )


def relation(run: Run) -> str:
    """As it is written in mathematics."""
    return _RELATIONS.get(run.relation, run.relation)


def _text(text: str, most: int = 10_000) -> str:
    line = in_one_line(text)
    return escape(line if len(line) <= most else f"{line[: most - 1]}…")


def _shown_values(run: Run) -> tuple[float, float]:
    """The values the picture has room for: the claim, the last band, and earlier ones unless they are far wider."""
    matter = [*_claimed(run), run.low, run.estimate, run.high]
    low, high = _spread(matter)
    finite = [m for m in run.track if math.isfinite(_width(m)) and _width(m) <= _ZOOM * (high - low)]
    low, high = _spread([*matter, *(end for m in finite for end in (m.low, m.high))])
    air = (high - low) * 0.06
    return low - air, high + air


def _shown_draws(track: Sequence[Moment]) -> tuple[float, float]:
    first, last = (max(1.0, track[k].draws) for k in (0, -1)) if track else (1.0, 1.0)
    return (first, last * 1.12) if last > first else (first / 2, first * 2)


def _tick_labels(ticks: Sequence[float]) -> list[str]:
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 0.0
    return [number(tick, step * 100) if abs(tick) >= step / 2 else "0" for tick in ticks]


def _claim_labels(run: Run, width: float) -> list[str]:
    labels = ["claim", f"{relation(run)} {number(run.target, width)}"]
    return [*labels, f"± {number(run.margin, run.margin)}"] if run.margin else labels


def _headings(run: Run, title: str, frame: _Frame) -> list[str]:
    said = f"{run.kind} after {run.draws:,} draws"
    most = int((WIDTH - 24) / _CHARACTER) - len(said) - 3
    return [
        f'<text x="8" y="18" font-weight="600">{_text(title or run.shown, most)}</text>',
        f'<text x="{WIDTH - 8}" y="18" text-anchor="end" class="state"><tspan font-weight="600">{run.kind}</tspan>'
        f"{said.removeprefix(run.kind)}</text>",
    ]


def _axes(frame: _Frame, ticks: Sequence[tuple[float, str]]) -> list[str]:
    thin = 'stroke="currentColor" stroke-opacity="0.16"'
    parts = []
    for value, label in ticks:
        y = frame.y(value)
        parts.append(f'<line x1="{frame.left:g}" x2="{frame.right:g}" y1="{y}" y2="{y}" {thin}/>')
        parts.append(f'<text x="{frame.left - 8:g}" y="{y + 4:g}" text-anchor="end" opacity="0.75">{label}</text>')
    for draws in draw_ticks(frame.first, frame.last):
        x = frame.x(draws)
        parts.append(f'<line x1="{x}" x2="{x}" y1="{_BOTTOM:g}" y2="{_BOTTOM + 5:g}" stroke="currentColor"/>')
        parts.append(
            f'<text x="{x}" y="{_BOTTOM + 18:g}" text-anchor="middle" opacity="0.75">{_thousands(draws)}</text>'
        )
    parts.append(
        f'<line x1="{frame.left:g}" x2="{frame.right:g}" y1="{_BOTTOM:g}" y2="{_BOTTOM:g}" stroke="currentColor"/>'
    )
    parts.append(f'<text x="{frame.right + 8:g}" y="{_BOTTOM + 18:g}" opacity="0.75">draws</text>')
    return parts


def _strips(run: Run, frame: _Frame) -> list[str]:
    """Where the claim holds: on one side of an inequality, within the margin of an equality."""
    strips = []
    if run.relation in ("<", "<="):
        strips.append((-math.inf, run.target))
    elif run.relation in (">", ">="):
        strips.append((run.target, math.inf))
    if run.margin:
        strips.append((run.target - run.margin, run.target + run.margin))
    parts = []
    for low, high in strips:
        top, bottom = max(_TOP, frame.y(high)), min(_BOTTOM, frame.y(low))
        place = f'x="{frame.left:g}" width="{frame.right - frame.left:g}" y="{top:g}" height="{bottom - top:g}"'
        parts.append(f'<rect class="margin" {place} fill="{_GREEN}" fill-opacity="0.2"/>')
    return parts


def _band(run: Run, frame: _Frame) -> list[str]:
    """The area, its edges, the running estimate, and the last band as a bar."""
    track = run.track
    upper = [(frame.x(m.draws), frame.y(m.high)) for m in track]
    lower = [(frame.x(m.draws), frame.y(m.low)) for m in track]
    middle = [(frame.x(m.draws), frame.y(m.estimate)) for m in track if not math.isnan(m.estimate)]
    dots = [f'<circle cx="{x}" cy="{y}" r="2" fill="{_BLUE}"/>' for x, y in _apart(middle[:-1])]
    edges = [_line("edge", points, f'stroke="{_BLUE}" stroke-opacity="0.6"') for points in (upper, lower)]
    area = f'<polygon class="band" points="{_points([*upper, *reversed(lower)])}" fill="{_BLUE}" fill-opacity="0.25"/>'
    line = _line("estimate", middle, f'stroke="{_BLUE}" stroke-width="2" stroke-linejoin="round"')
    return [area, *edges, line, *dots, *_last(run, frame)]


def _apart(points: Iterable[tuple[float, float]], least: float = 8.0) -> list[tuple[float, float]]:
    """Those that are not too near the one before."""
    kept: list[tuple[float, float]] = []
    for point in points:
        if not kept or point[0] - kept[-1][0] >= least:
            kept.append(point)
    return kept


def _last(run: Run, frame: _Frame) -> list[str]:
    x, high, low = frame.x(run.draws), frame.y(run.high), frame.y(run.low)
    bar = f"M{x - 4:g} {high}H{x + 4:g}M{x} {high}V{low}M{x - 4:g} {low}H{x + 4:g}"
    found = [f'<path class="last" d="{bar}" fill="none" stroke="{_BLUE}" stroke-width="2"/>']
    if not math.isnan(run.estimate):
        found.append(f'<circle class="last" cx="{x}" cy="{frame.y(run.estimate)}" r="3.5" fill="{_BLUE}"/>')
    return found


def _line(name: str, points: Sequence[tuple[float, float]], stroke: str) -> str:
    return f'<polyline class="{name}" points="{_points(points)}" fill="none" {stroke}/>'


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _claim(run: Run, frame: _Frame, labels: Sequence[str]) -> list[str]:
    """The dashed line with what is claimed beside it, kept clear of the axes."""
    y = frame.y(run.target)
    place = f'x1="{frame.left:g}" x2="{frame.right:g}" y1="{y}" y2="{y}"'
    line = f'<line class="claim" {place} stroke="currentColor" stroke-width="1.5" stroke-dasharray="6 4"/>'
    start = min(max(y + 4 - 13 * (len(labels) - 1) / 2, _TOP + 8), _BOTTOM - 13 * (len(labels) - 1))
    texts = [
        f'<text x="{frame.right + 8:g}" y="{start + 13 * k:g}" opacity="{1 if k else 0.75}">{_text(label)}</text>'
        for k, label in enumerate(labels)
    ]
    return [line, *texts]
