"""What a class did, in numbers: distributions of scores, how hard items were and how well they tell, common mistakes.

All of it is on the **certain** score. What is pending counts as not earned yet, so a distribution lies low and an item
looks harder while a marker still has something to add; ``ItemNumbers.open`` says how much that is. Submissions that
were refused have no score and are in no number here, nor is the reference, should it be graded with a class.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.checkers.code import PRINTED
from grader.result import AssignmentResult, FieldResult, ItemResult, Report, Status, SubmissionResult

ENOUGH = 20  # submissions; the standard error of a correlation that is 0 is 0.23 there
BINS = 10
DUST = 1e-9  # in floats three tenths of a whole can be a little less than that
LONGEST = 300  # characters of an answer that two people may share by chance


@dataclass(frozen=True, slots=True)
class Distribution:
    """Certain scores of one assignment. ``bins`` counts them in tenths of ``points``, full marks in the last."""

    points: float
    count: int
    mean: float
    low: float
    lower: float
    median: float
    upper: float
    high: float
    bins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ItemNumbers:
    """One item in a class. Each share is between 0 and 1.

    ``difficulty`` is the mean share of its points that was earned for certain, so an easy item is near 1; ``open`` is
    the share that a marker may still add. ``discrimination`` is None where ``why`` says why there is none.
    """

    assignment: str
    item: str
    points: float
    count: int
    difficulty: float
    open: float
    discrimination: float | None
    why: str
    statuses: dict[Status, float]


@dataclass(frozen=True, slots=True)
class CommonMistake:
    """What several people did in one item. ``what``: they were told the same, or gave the same wrong answer.

    ``times`` counts fields, ``people`` submissions.
    """

    assignment: str
    item: str
    what: str
    text: str
    times: int
    people: int


def is_reference(result: SubmissionResult) -> bool:
    """Whether this is the keys themselves, graded as a submission: they have no files of a student, so no digest."""
    return result.submission == "reference" and result.digest is None and bool(result.assignments)


def distribution(scores: Sequence[float], points: float) -> Distribution | None:
    """None of no scores. Quartiles are interpolated (type 7 of Hyndman and Fan, 1996)."""
    if not scores:
        return None
    ordered = sorted(scores)
    lower, median, upper = (_quantile(ordered, share) for share in (0.25, 0.5, 0.75))
    bins = [0] * BINS
    for score in ordered:
        bins[min(int(BINS * score / points + DUST), BINS - 1) if points else 0] += 1
    low, high = ordered[0], ordered[-1]
    return Distribution(points, len(ordered), _mean(ordered), low, lower, median, upper, high, tuple(bins))


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below, part = int(place), place - int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + part * (ordered[above] - ordered[below])


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def item_numbers(results: Iterable[AssignmentResult]) -> list[ItemNumbers]:
    """For each item of one assignment, in its order; ``results`` are those of a class."""
    found: dict[str, list[tuple[ItemResult, float]]] = defaultdict(list)
    name = ""
    for result in results:
        name = result.id
        for item in result.items:
            found[item.id].append((item, result.score - item.score))
    return [_item(name, pairs) for pairs in found.values()]


def _item(assignment: str, pairs: Sequence[tuple[ItemResult, float]]) -> ItemNumbers:
    items, rests = [item for item, _ in pairs], [rest for _, rest in pairs]
    first, count = items[0], len(items)
    worth = first.points or 1.0
    value, why = discrimination([item.score for item in items], rests)
    statuses: dict[Status, float] = defaultdict(float)
    for item in items:
        statuses[item.status] += 1 / count
    return ItemNumbers(
        assignment=assignment,
        item=first.id,
        points=first.points,
        count=count,
        difficulty=_mean([item.score / worth for item in items]),
        open=_mean([item.pending / worth for item in items]),
        discrimination=value,
        why=why,
        statuses=dict(statuses),
    )


def discrimination(scores: Sequence[float], rests: Sequence[float]) -> tuple[float | None, str]:
    """Whether those who do well elsewhere do well in an item, from -1 to 1; or None, and why there is no number.

    The corrected item-rest correlation: Pearson's r between the scores x of an item and the rests y, which are totals
    less these scores, r = Σ(x - x̄)(y - ȳ) / √(Σ(x - x̄)² Σ(y - ȳ)²). With the item left in the total every item would
    correlate with itself (S. Henrysson, Correction of item-total correlations in item analysis, Psychometrika, 1963).
    """
    if len(scores) < ENOUGH:
        return None, "too few submissions"
    x, y = _centred(scores), _centred(rests)
    spread = math.sqrt(math.fsum(a * a for a in x) * math.fsum(b * b for b in y))
    if spread < 1e-9:
        return None, "all the same"
    r = math.fsum(a * b for a, b in zip(x, y, strict=True)) / spread
    return max(-1.0, min(1.0, r)), ""


def _centred(values: Sequence[float]) -> list[float]:
    middle = _mean(values)
    return [value - middle for value in values]


def common_mistakes(report: Report, most: int = 40) -> list[CommonMistake]:
    """What at least two people did, most people first; of equals in the order of the report."""
    people: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
    students = (result for result in report.submissions if not is_reference(result))
    for number, result in enumerate(students):
        for assignment in result.assignments:
            for item in assignment.items:
                for field in item.fields:
                    for what, text in _signs(field):
                        people[assignment.id, item.id, what, text].append(number)
    found = [CommonMistake(*key, times=len(who), people=len(set(who))) for key, who in people.items()]
    return sorted((one for one in found if one.people > 1), key=lambda one: -one.people)[:most]


def _signs(field: FieldResult) -> Iterator[tuple[str, str]]:
    """Each at most once: what the student was told, else what was answered."""
    if field.status not in ("incorrect", "partial", "malformed"):
        return
    said = dict.fromkeys(f.text for f in field.feedback if f.audience == "student" and not f.text.startswith(PRINTED))
    for text in said:
        yield "said", text
    answer = " ".join((field.read_as or field.response or "").split())
    if field.status == "incorrect" and not said and field.kind != "code" and 0 < len(answer) <= LONGEST:
        yield ("read" if field.read_as else "answered"), answer
