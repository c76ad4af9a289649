"""Pictures of simulations and the page that has them: geometry, hostile text, nothing loaded from elsewhere."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import Fault, Where
from grader.montecarlo.simulation import Estimate, Moment, Run
from grader.proving.standing import Found, Proof, Standing, Status
from grader.reports.pictures import HEIGHT, WIDTH, band_svg, draw_ticks, nice_ticks, number, spark
from grader.reports.proved_page import proved_page
from grader.routes import BitsFor, Enumerated, Reason, Simulated

INF = math.inf
HOSTILE = "<script>alert(1)</script>\x1b[31m\x00\ud800\ufffe ]]>&\"' $\\frac{p}{q}$"
SVG = "{http://www.w3.org/2000/svg}"


def narrowing(target: float, estimate: float, scale: float, doublings: int = 9) -> tuple[Moment, ...]:
    widths = [scale * 2 ** (-k / 2) for k in range(doublings)]
    return tuple(Moment(4096 << k, estimate - w, estimate + w / 9, estimate + w) for k, w in enumerate(widths))


def run_of(track: tuple[Moment, ...], target: float, kind: str = "supported", **more: object) -> Run:
    last = track[-1]
    found = Run(
        kind=kind,  # type: ignore[arg-type]
        claim="E[X] = 4/3", relation="=", reason="", shown="E[X]", low=last.low, estimate=last.estimate, high=last.high,
        target=target, margin=abs(target) / 100 or None, draws=last.draws, alpha=1e-9, seed="5eed" * 8,
        estimates=(Estimate("E[X]", last.estimate, last.low, last.high, last.draws, "BoundedSequence"),), track=track,
    )  # fmt: skip
    return replace(found, **more)  # type: ignore[arg-type]


USUAL = narrowing(4 / 3, 1.334, 0.2)
ENDLESS = (Moment(64, -INF, 1.5, INF), Moment(1024, -INF, 1.4, INF))
SUPPORTED = run_of(USUAL, 4 / 3)
REFUTED = run_of(narrowing(1.5, 1.334, 0.2), 1.5, "refuted")
RUNS = {
    "supported": SUPPORTED,
    "refuted": REFUTED,
    "far off": run_of(USUAL, 100.0, "refuted"),
    "undecided": run_of(USUAL[:4], 4 / 3, "undecided", reason="not settled by 32,768 draws"),
    "first bands infinite": run_of((*ENDLESS, *USUAL), 4 / 3),
    "infinite to the last": run_of(ENDLESS, 4 / 3, "undecided"),
    "infinite on one side": run_of((*ENDLESS, Moment(4096, 1.2, 1.3, INF)), 4 / 3, "undecided"),
    "one moment": run_of(USUAL[:1], 2.0, "refuted", relation=">", margin=None),
    "below": run_of(USUAL, 2.0, relation="<", margin=None),
    "not equal": run_of(USUAL, 2.0, relation="!=", margin=None),
    "zero": run_of(narrowing(0, 0, 1), 0.0, margin=0.1),
    "no width": run_of((Moment(4096, 0.0, 0.0, 0.0),), 0.0),
    "negative": run_of(narrowing(-3, -3, 1), -3.0),
    "huge": run_of(narrowing(1e300, 1e300, 1e299), 1e300),
    "beyond": run_of((Moment(4096, -1.7e308, 0.0, 1.7e308),), 1e308, margin=1.7e308),
    "tiny": run_of(narrowing(1e-300, 1e-300, 1e-301), 1e-300),
    "subnormal": run_of((Moment(4096, 5e-324, 1e-323, 5e-323),), 5e-324),
    "far from zero": run_of(narrowing(1e15, 1e15, 2), 1e15, margin=1.0),
    "no estimate": run_of((Moment(1, -INF, math.nan, INF),), 1.0, "undecided"),
    "hostile": replace(SUPPORTED, claim=HOSTILE, shown=HOSTILE * 9, relation="<", reason=HOSTILE, seed=HOSTILE),
}
every_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


def parsed(run: Run, title: str = "") -> ElementTree.Element:
    return ElementTree.fromstring(band_svg(run, title))


def of_class(picture: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in picture.iter() if element.get("class") == name]


def points(element: ElementTree.Element) -> list[tuple[float, float]]:
    pairs = [pair.split(",") for pair in (element.get("points") or "").split()]
    return [(float(x), float(y)) for x, y in pairs]


# --- SVG ---


@every_run
def test_the_picture_is_whole(run: Run) -> None:
    picture = parsed(run)
    assert picture.get("role") == "img"
    assert picture.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    assert picture.findtext(f"{SVG}title")
    assert run.kind in (picture.findtext(f"{SVG}desc") or "")
    assert run.kind in "".join(of_class(picture, "state")[0].itertext())
    assert not re.search(r'(?:nan|inf)[",\s]', re.sub(r"<(title|desc|text).*?</\1>", "", band_svg(run), flags=re.S))


@every_run
def test_the_claim_lies_within_and_every_text_too(run: Run) -> None:
    picture = parsed(run)
    (claim,) = of_class(picture, "claim")
    inner = picture.find(f"{SVG}svg")
    assert inner is not None
    top, height = float(inner.get("y", "")), float(inner.get("height", ""))
    assert claim.get("y1") == claim.get("y2")
    assert top <= float(claim.get("y1", "")) <= top + height
    for text in picture.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x", "")) <= WIDTH
        assert 8 <= float(text.get("y", "")) <= HEIGHT


@every_run
def test_the_estimate_runs_within_the_band(run: Run) -> None:
    picture = parsed(run)
    (band,), (line,) = of_class(picture, "band"), of_class(picture, "estimate")
    outline, middle = points(band), points(line)
    count = len(run.track)
    upper, lower = outline[:count], outline[count:][::-1]
    xs = [x for x, _ in upper]
    assert xs == sorted(set(xs))
    assert all(0 <= x <= WIDTH for x in xs)
    for (x, high), (also, low) in zip(upper, lower, strict=True):
        assert x == also
        assert high <= low, "y grows downwards"
        assert all(high <= y <= low for at, y in middle if at == x)


def test_a_supported_claim_has_its_band_in_the_strip_and_a_refuted_one_has_the_claim_outside() -> None:
    picture = parsed(run_of(narrowing(4 / 3, 4 / 3, 0.1, 10), 4 / 3))
    (strip,) = of_class(picture, "margin")
    top = float(strip.get("y", ""))
    bottom = top + float(strip.get("height", ""))
    ends = points(of_class(picture, "band")[0])[9:11]
    assert all(top <= y <= bottom for _, y in ends)
    refuted = parsed(REFUTED)
    claim = float(of_class(refuted, "claim")[0].get("y1", ""))
    assert all(y > claim for _, y in points(of_class(refuted, "band")[0])[8:10])


@pytest.mark.parametrize(("relation", "above"), [("<", False), ("<=", False), (">", True), (">=", True)])
def test_the_strip_of_an_inequality_is_its_side(relation: str, above: bool) -> None:
    picture = parsed(replace(RUNS["below"], relation=relation))
    (strip,) = of_class(picture, "margin")
    claim = float(of_class(picture, "claim")[0].get("y1", ""))
    edge = float(strip.get("y", "")) + (float(strip.get("height", "")) if above else 0)
    assert edge == pytest.approx(claim)
    assert not of_class(parsed(RUNS["not equal"]), "margin")


def test_bands_that_are_far_wider_run_off_and_do_not_squeeze_the_last() -> None:
    high, low = (points(of_class(parsed(RUNS["first bands infinite"]), "band")[0])[k][1] for k in (10, 11))
    assert low - high > 10
    first = points(of_class(parsed(RUNS["first bands infinite"]), "band")[0])[0]
    assert first[1] < 0


def test_text_is_text() -> None:
    picture = band_svg(RUNS["hostile"])
    assert "<script" not in picture
    assert "\x1b" not in picture
    assert parsed(RUNS["hostile"]).findtext(f"{SVG}title", "").startswith("<script>alert(1)</script>")
    assert parsed(SUPPORTED, HOSTILE).findtext(f"{SVG}title", "").startswith("<script>alert(1)</script>")


# --- numbers ---

ENDS = st.floats(-1e300, 1e300, allow_nan=False)


@given(ENDS, ENDS)
def test_ticks_are_nice(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    ticks = nice_ticks(low, high)
    assert len(ticks) <= 5
    assert all(low <= tick <= high for tick in ticks)
    assert all(a < b for a, b in pairwise(ticks))
    if high - low > 1e-9 * max(abs(low), abs(high)) and high - low > 1e-290:
        assert len(ticks) >= 2
        step = (ticks[-1] - ticks[0]) / (len(ticks) - 1)
        mantissa = step / 10 ** math.floor(math.log10(step) + 1e-6)
        assert min(abs(mantissa - nice) for nice in (1, 2, 5)) < 1e-4


def test_ticks() -> None:
    assert nice_ticks(0, 1) == pytest.approx([0, 0.5, 1])
    assert nice_ticks(1.24, 1.46) == pytest.approx([1.25, 1.3, 1.35, 1.4, 1.45])
    assert nice_ticks(1, 1) == nice_ticks(0, INF) == []
    assert draw_ticks(4096, 1.2e6) == [1e4, 1e5, 1e6]
    assert draw_ticks(4096, 25_000) == [5e3, 1e4, 2e4]


@pytest.mark.parametrize(
    ("x", "width", "text"),
    [
        (1.3338123, 0.0231, "1.3338"),
        (2.0e9, 1e8, "2×10⁹"),
        (1e-9, 0, "10⁻⁹"),
        (-0.5, 1, "−0.5"),
        (-5e-17, 0.2, "0"),
        (1234.5, 10, "1,234.5"),
        (INF, 0, "∞"),
        (-INF, INF, "−∞"),
        (math.nan, 0, "?"),
    ],
)
def test_numbers(x: float, width: float, text: str) -> None:
    assert number(x, width) == text


# --- a line ---


@every_run
@pytest.mark.parametrize("width", [12, 20, 24, 40])
def test_a_line_has_its_width(run: Run, width: int) -> None:
    line, plain = spark(run, width), spark(run, width, unicode=False)
    assert len(line) == len(plain) == width
    assert plain.isascii()
    assert line.isprintable()


def test_lines_show_how_it_ended() -> None:
    supported = spark(run_of(narrowing(4 / 3, 4 / 3, 0.1, 10), 4 / 3))
    assert re.fullmatch(r"█[█▇▆▅▄▃▂▁]+ ·+├─+[●┼◉]+─+┤·+", supported), supported
    assert re.fullmatch(r" *█[█▇▆▅▄▃▂▁]+ ├─*●─*┤ *·*│·*", spark(REFUTED))
    assert re.fullmatch(r" *#[#%*+=:.-]+ \[-*o-*\] *\.*\|\.*", spark(REFUTED, unicode=False))
    inside = run_of((Moment(4096, 0.0, 2.0, 10.0),), 5.0)
    assert re.fullmatch(r" +█ ├─+●─+┼─+┤", spark(inside))
    assert re.fullmatch(r" +# \[-+o-+\|-+\]", spark(inside, unicode=False))
    assert "←" in spark(RUNS["infinite to the last"])
    assert spark(RUNS["infinite on one side"]).endswith("→")
    bars = spark(SUPPORTED).split()[0]
    assert [ord(bar) for bar in bars] == sorted(map(ord, bars), reverse=True), "a band never widens"


# --- the page ---


class Reader(HTMLParser):
    """What a browser would see: tags with their attributes, all names, all links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        given = dict(attrs)
        assert not any(name.startswith("on") or name == "src" for name in given)
        self.names += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def standing(item: str, *found: Found, kind: str = "numeric", **more: object) -> Standing:
    routes = [
        Reason(of=("answer",), reason=one.how)
        if one.status == "reason"
        else Simulated(of=("answer",), simulate={"Z": "uniform(0, 1)"}, claim=("E[X] = 4/3",), note=HOSTILE)
        for one in found
    ]
    proofs = tuple(Proof(route, one, seconds=0.25) for route, one in zip(routes, found, strict=True))
    return Standing("midterm", item, "answer", kind, proofs, **more)  # type: ignore[arg-type]


STANDINGS = [
    standing("1a", Found("supported", "E[X] = 4/3", runs=(SUPPORTED,))),
    standing("1b", Found("refuted", "E[X] = 3/2 fails", (HOSTILE, "  x = 1   0.5"), (REFUTED,))),
    standing("1c", Found("reason", "a matter of definition, $p(x)$")),
    standing("1d"),
    standing("1e", faults=(Fault(Where(Path("reference/midterm/1.yaml"), 7), "1e.prove", HOSTILE),)),
    standing("1f", Found("undecided", HOSTILE, runs=tuple(RUNS.values()))),
]


def test_the_page_stands_alone() -> None:
    page = proved_page(STANDINGS, 12.34)
    found = Reader(page)
    assert found.open == []
    assert not {"script", "link", "img", "iframe"} & set(found.tags)
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert found.names == [one.label for one in STANDINGS]
    assert {link.removeprefix("#") for link in found.links} == set(found.names)
    assert found.tags.count("svg") == 2 * (2 + len(RUNS)), "each has an inner one"
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", page)
    page.encode("utf-8")


def test_the_page_says_what_stands_where() -> None:
    page = proved_page(STANDINGS, 12.34)
    assert "6 keys in 12.3 s" in page
    assert [link.removeprefix("#") for link in Reader(page).links[:2]] == ["midterm/1b.answer", "midterm/1e.answer"]
    for part in (
        "  x = 1   0.5",
        "$p(x)$",
        "5eed5eed",
        "BoundedSequence",
        "10⁻⁹",
        "reference/midterm/1.yaml:7",
        "E[X]",
    ):
        assert part in page, part
    assert "must not mark" not in proved_page(STANDINGS[:1])


def test_the_route_is_there_as_written() -> None:
    counted = Proof(Enumerated(of=("answer",), enumerate=BitsFor(bits_for=37)), Found("proved", "6 bits"), linked=False)
    page = proved_page([Standing("midterm", "2a", "bits", "numeric", (counted,))])
    assert "bits_for: 37" in page
    assert "of what the key rests on" in page
    assert "2a bits" in page


def test_a_counterexample_must_fail() -> None:
    route = Simulated(of=("answer",), simulate={"Z": "uniform(0, 1)"}, counterexample="E[X] = 3/2")
    proof = Proof(route, Found("supported", "E[X] = 3/2 fails", runs=(REFUTED,)))
    assert "must fail" in proved_page([Standing("midterm", "2a", "answer", "choice", (proof,))])


@pytest.mark.parametrize("status", ["proved", "supported", "reason", "undecided", "missing", "faulty", "refuted"])
def test_every_standing_has_words(status: Status) -> None:
    found = () if status == "missing" else (Found(status, "so it is"),)
    assert f'class="{status}"' in proved_page([standing("1a", *found)])


def test_no_keys_no_failure() -> None:
    assert "0 keys" in proved_page([])
