"""The domains that symbols range over, and where to sample them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from grader.errors import Unreadable
from grader.scalars import nearest


@dataclass(frozen=True, slots=True)
class Domain:
    """An interval of reals or of integers; an end that is None is infinite. ``open_*`` leave the end point out."""

    low: Fraction | None = None
    high: Fraction | None = None
    open_low: bool = True
    open_high: bool = True
    integer: bool = False
    nonzero: bool = False

    def __contains__(self, x: Fraction) -> bool:
        if (self.integer and x.denominator != 1) or (self.nonzero and not x):
            return False
        above = self.low is None or x > self.low or (x == self.low and not self.open_low)
        below = self.high is None or x < self.high or (x == self.high and not self.open_high)
        return above and below

    @property
    def positive(self) -> bool:
        return self.low is not None and (self.low > 0 or (self.low == 0 and (self.open_low or self.nonzero)))

    @property
    def nonnegative(self) -> bool:
        return self.low is not None and self.low >= 0


_ZERO, _ONE = Fraction(0), Fraction(1)
_WORDS = {
    "real": Domain(),
    "positive": Domain(low=_ZERO),
    "nonnegative": Domain(low=_ZERO, open_low=False),
    "negative": Domain(high=_ZERO),
    "nonpositive": Domain(high=_ZERO, open_high=False),
    "nonzero": Domain(nonzero=True),
    "integer": Domain(integer=True),
    "positive integer": Domain(low=_ONE, open_low=False, integer=True),
    "nonnegative integer": Domain(low=_ZERO, open_low=False, integer=True),
}
_NUMBER = r"\s*([-+]?(?:\d+(?:\.\d+)?(?:/\d+)?|inf(?:inity)?))\s*"
_INTERVAL = re.compile(rf"(integer\s*)?([(\[]){_NUMBER},{_NUMBER}([)\]])")


@cache
def domain(text: str) -> Domain:
    """A domain by its words (``positive integer``) or as an interval (``(0, 1)``, ``integer [0, 5]``).

    Raises Unreadable for anything else.
    """
    text = " ".join(text.split())
    if text in _WORDS:
        return _WORDS[text]
    found = _INTERVAL.fullmatch(text)
    if not found:
        known = ", ".join(_WORDS)
        raise Unreadable(
            f"{text!r} is no domain{nearest(text, _WORDS)}; expected one of {known}, or an interval such as (0, 1)"
        )
    ends = [None if "inf" in end else Fraction(end) for end in (found[3], found[4])]
    low, high = ends
    if low is not None and high is not None and low >= high:
        raise Unreadable(f"{text!r} holds no number: its ends are in the wrong order")
    return Domain(low, high, found[2] == "(", found[5] == ")", integer=bool(found[1]))


_MARKED = [Fraction(x) for x in ("0", "1", "-1", "1/2", "-1/2", "2", "-2", "3", "1/3")]
_NEAR = Fraction(1, 997)


@cache
def marked_points(domain: Domain) -> list[Fraction]:
    """Points where expressions like to misbehave: small integers, halves, near the ends."""
    near = [end + step for end in (domain.low, domain.high) if end is not None for step in (_NEAR, -_NEAR, _ZERO)]
    if domain.integer:
        near = [Fraction(n) for n in range(-2, 7)]
        if domain.low is not None:
            near = [domain.low + n for n in range(7)]
    return sorted({p for p in [*_MARKED, *near] if p in domain})


@cache
def short_points(domain: Domain) -> list[Fraction]:
    """The marked points that are easily read, or all of them where there is none."""
    marked = marked_points(domain)
    return [point for point in marked if point.denominator <= 3] or marked


def random_point(domain: Domain, rng: random.Random) -> Fraction:
    """A random rational of moderate size inside ``domain``."""
    for candidate in _candidates(domain, rng):
        if candidate in domain:
            return candidate
    raise AssertionError  # the candidates never end


def _candidates(domain: Domain, rng: random.Random) -> Iterator[Fraction]:
    while True:
        if domain.integer:
            low = int(domain.low) if domain.low is not None else -9
            yield Fraction(rng.randint(low, int(domain.high) if domain.high is not None else low + 18))
        elif domain.low is not None and domain.high is not None:
            parts = rng.randint(5000, 9999)
            yield domain.low + (domain.high - domain.low) * Fraction(rng.randint(1, parts - 1), parts)
        else:
            size = Fraction(rng.randint(1, 40000), rng.randint(5000, 9999)) * 10 ** rng.choice((0, 0, 0, 0, 1, 3, 5))
            anchor = domain.low if domain.low is not None else domain.high
            sign = rng.choice((1, -1)) if anchor is None else 1 if domain.low is not None else -1
            yield (anchor or _ZERO) + sign * size
