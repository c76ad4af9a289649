"""What is to be written for a new item: every file that changes, whole. Nothing is touched until ``save``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader.errors import Fault, SpecError, UsageError, Where
from grader.loading.specs.course import Course
from grader.loading.specs.documents import SCHEMAS
from grader.loading.specs.problems import HEAD
from grader.loading.specs.schemas import targets
from grader.loading.yaml import read_yaml
from grader.printing import in_one_line
from grader.scalars import ITEM_ID, NAME, nearest
from grader.shorthand import RESERVED
from grader.spec import KINDS, Assignment
from grader.writing import templates
from grader.writing.editing import (
    Source,
    checked,
    inserted,
    read_source,
    replaced,
    value_of,
    with_element,
    with_lines,
    yaml_node,
)
from grader.writing.templates import NewField, NewItem

_FOLDER = r"[A-Za-z0-9][A-Za-z0-9_-]*"
_UNITS = (Fraction(1), Fraction(1, 2), Fraction(1, 4), Fraction(1, 10), Fraction(1, 100))


@dataclass(frozen=True, slots=True)
class Plan:
    """``changes`` are the new contents of files, ``said`` what becomes of each, ``notes`` what else to know."""

    changes: dict[Path, bytes]
    said: tuple[str, ...]
    notes: tuple[str, ...]


def plan(
    course: Course, name: str, kinds: Sequence[str], points: str, title: str | None, begun: str | None = None
) -> Plan:
    """The files with an item more. ``begun`` is the title of the assignment, where it begins with this item.

    Raise UsageError or SpecError where there cannot be one.
    """
    assignment, item_id = _names(course, name, begun)
    item = NewItem(item_id, _number(points), _fields(kinds, points))
    question = question_of(item_id, [found.question for found in assignment.questions])
    assert course.reference is not None
    problem = course.problems / assignment.id / f"{question}.yaml"
    key = course.reference / assignment.id / f"{question}.yaml"
    is_new = all(found.question != question for found in assignment.questions)
    if not is_new and title is not None:
        raise UsageError(f"--title is for a new question; question {question} has a title already")
    parts = [
        _new_question(problem, question, title, item) if is_new else _grown_question(read_source(problem), item),
        _head(course.problems / assignment.id / HEAD, item, question if is_new else None, begun),
        _grown_keys(read_source(key), item) if key.exists() else _new_keys(key, item),
    ]
    changes = {path: content for path, content, _ in parts}
    return Plan(changes, tuple(said for _, _, said in parts), tuple(_notes(course, assignment.id, item)))


def _notes(course: Course, assignment: str, item: NewItem) -> list[str]:
    missing = [path for path in targets(course.problems, course.reference).values() if not path.exists()]
    name = f"{assignment}/{item.id}"
    left = [f"Fill in what is marked TODO; grade lint lists it. Then: grade test {name}, grade prove --item {name}"]
    return ([f"{missing[0]} is missing, which editors look for: grade schema writes it"] if missing else []) + left


# --- what was asked for ----------------------------------------------------------------------------------------------


def _names(course: Course, name: str, begun: str | None) -> tuple[Assignment, str]:
    folder, slash, item = name.partition("/")
    if not slash or "/" in item:
        raise UsageError(f"expected ASSIGNMENT/ITEM, such as {[*course.names, 'ps1'][0]}/8a, instead of {name!r}")
    if folder in course.broken:
        raise UsageError(f"{folder} cannot be loaded as it stands; mend first what grade lint lists")
    if not re.fullmatch(ITEM_ID.strip("^$"), item):
        raise UsageError(f"{item!r} cannot be an item's id: expected letters, digits, '.', '_' and '-', such as 8a")
    assignment = course.assignments.get(folder) or _begun(course, folder, begun)
    if begun is not None and folder in course.assignments:
        raise UsageError(f"--assignment-title is for a new assignment, and {folder} is there already")
    for known in assignment.items:
        if known.id.casefold() == item.casefold():
            raise UsageError(
                f"{folder} has an item {known.id} already" + (", however written" if known.id != item else "")
            )
    return assignment, item


def _begun(course: Course, folder: str, title: str | None) -> Assignment:
    """A new assignment, still empty. Only a title begins one: a slip of the pen must not."""
    if title is None:
        there = f"there are: {', '.join(course.names)}" if course.names else "there is none yet"
        how = f"to begin {folder}, give it a title: --assignment-title 'Problem set 2'"
        raise UsageError(f"there is no assignment {folder!r}{nearest(folder, course.names)}; {there}; {how}")
    if not re.fullmatch(_FOLDER, folder) or folder.casefold() == SCHEMAS:
        raise UsageError(
            f"an assignment cannot be called {folder!r}: expected letters, digits, '_' and '-', such as ps2"
        )
    for known in course.names:
        if known.casefold() == folder.casefold():
            raise UsageError(f"there is an assignment {known} already, however written")
    if not title.strip():
        raise UsageError("--assignment-title: expected what students read above it, such as 'Problem set 2'")
    return Assignment(id=folder, title=title, points=0, questions=())


def question_of(item: str, known: Sequence[str]) -> str:
    """The question that an item's id begins with: a known one, else its first number or word."""
    fitting = [name for name in known if _begins(item, name)]
    if fitting:
        return max(fitting, key=len)
    found = re.match(r"[0-9]+|[A-Za-z]+", item)
    name = found[0] if found else item
    if f"{name}.yaml".casefold() == HEAD:
        raise UsageError(f"a question cannot be called {name!r}, for {HEAD} is another file")
    return name


def _begins(item: str, question: str) -> bool:
    rest = item[len(question) :]
    ends = question[-1:]
    same = item[: len(question)].casefold() == question.casefold()
    return same and not (rest[:1].isdigit() and ends.isdigit()) and not (rest[:1].isalpha() and ends.isalpha())


def _number(points: str) -> str:
    if not re.fullmatch(r"\d{1,6}(\.\d{1,4})?", points):
        raise UsageError(f"--points: expected a number such as 2 or 1.5 instead of {points!r}")
    return _shown(Fraction(points))


def _fields(kinds: Sequence[str], points: str) -> tuple[NewField, ...]:
    pairs = [_named(kind) for kind in kinds]
    names = [name for name, _ in pairs]
    for name, kind in pairs:
        if kind not in KINDS:
            raise UsageError(f"there is no kind {kind!r}{nearest(kind, KINDS)}; expected one of {', '.join(KINDS)}")
        if not re.fullmatch(NAME.strip("^$"), name) or name in RESERVED:
            raise UsageError(f"a field cannot be called {name!r}: expected letters, digits and _, and no word of keys")
        if names.count(name) > 1:
            raise UsageError(f"two fields are called {name}; name them: --kind {name}={kind} --kind why=text")
    shares = _shares(Fraction(_number(points)), len(pairs))
    return tuple(NewField(name, kind, share) for (name, kind), share in zip(pairs, shares, strict=True))


def _named(kind: str) -> tuple[str, str]:
    name, equals, rest = kind.partition("=")
    return (name.strip(), rest.strip()) if equals else ("answer", kind.strip())


def _shares(points: Fraction, count: int) -> list[str]:
    """Round parts that add up; the first fields get what cannot be shared."""
    unit = next((u for u in _UNITS if not (points / u) % 1 and points / u >= count), None)
    if unit is None:
        return [_shown(points), *["0"] * (count - 1)]
    each, over = divmod(int(points / unit), count)
    return [_shown((each + (place < over)) * unit) for place in range(count)]


def _shown(number: Fraction) -> str:
    """Without a rounding: points must add up."""
    shown = f"{Decimal(number.numerator) / Decimal(number.denominator):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


# --- the files -------------------------------------------------------------------------------------------------------


def _new_question(path: Path, question: str, title: str | None, item: NewItem) -> tuple[Path, bytes, str]:
    _refuse_present(path)
    title = in_one_line(title) if title is not None else None
    head = templates.question_head(question, title)
    lines = [*head, *("  " + line for line in templates.problem_entry(item))]
    return path, _text(lines), f"{path}:{len(head) + 1}: item {item.id} of a new question {question}"


def _refuse_present(path: Path) -> None:
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    here = [found.name for found in beside if found.name.casefold() == path.name.casefold()]
    if here:
        raise UsageError(f"{path.parent / here[0]} is there already, and not among the questions of {HEAD}")


def _grown_question(source: Source, item: NewItem) -> tuple[Path, bytes, str]:
    items = value_of(source.node, "items")
    if items.flow_style:
        line = items.start_mark.line + 1
        raise UsageError(f"{source.path}:{line}: items: is written in brackets; write it with dashes, and try again")
    indent = " " * items.start_mark.column
    lines = [indent + line for line in templates.problem_entry(item)]
    text = with_lines(source.text, items, lines, _are_apart(source.text, items))
    added = read_entry(lines, source.path)[0]
    expected = {**source.data, "items": [*source.data["items"], added]}
    return source.path, checked(source, text, expected), f"{source.path}:{_place(text, lines)}: item {item.id}"


def _are_apart(text: str, items: Any) -> bool:
    """Whether an empty line stands between items; one alone does not say."""
    if len(items.value) < 2:
        return True
    return not text.split("\n")[items.value[-1].start_mark.line - 1].strip()


def _new_keys(path: Path, item: NewItem) -> tuple[Path, bytes, str]:
    lines = [*templates.key_head(), *templates.key_entry(item)]
    return path, _text(lines), f"{path}:2: the key of {item.id}"


def _grown_keys(source: Source, item: NewItem) -> tuple[Path, bytes, str]:
    data, node = source.data or {}, source.node
    if not isinstance(data, dict):
        raise SpecError([Fault(Where(source.path, 1), "", "expected a mapping from items to their keys")])
    if item.id in data:
        raise UsageError(f"{source.path} has a key of {item.id} already, whose item is missing")
    if node is not None and source.data is not None and node.flow_style:
        raise UsageError(f"{source.path}: the keys are written in braces; write them in lines, and try again")
    lines = templates.key_entry(item)
    if source.data is None:
        text = inserted(source.text, len(source.text), lines)
    else:
        text = with_lines(source.text, node, lines, apart=len(node.value) < 2 or "\n\n" in source.text)
    expected = {**data, **read_entry(lines, source.path)}
    return source.path, checked(source, text, expected), f"{source.path}:{_place(text, lines)}: the key of {item.id}"


def _head(path: Path, item: NewItem, question: str | None, begun: str | None) -> tuple[Path, bytes, str]:
    if begun is None:
        return _grown_head(read_source(path), item, question)
    assert question is not None
    lines = templates.assignment_head(in_one_line(begun), item.points, question)
    return path, _text(lines), f"{path}:2: a new assignment of {item.points} points, question {question} listed"


def _grown_head(source: Source, item: NewItem, question: str | None) -> tuple[Path, bytes, str]:
    """With the points of the item and, if it is new, the question."""
    before, total = source.data["points"], _shown(Fraction(source.data["points"]) + Fraction(item.points))
    points = value_of(source.node, "points")
    said = f"{source.path}:{points.start_mark.line + 1}: {total} points instead of {before}"
    text = replaced(source.text, points, total)
    if question is None:
        return source.path, checked(source, text, {**source.data, "points": total}), said
    listed = value_of(yaml_node(text), "questions")
    text = with_element(text, listed, templates.plain(question))
    expected = {**source.data, "points": total, "questions": [*source.data["questions"], question]}
    return source.path, checked(source, text, expected), f"{said}, question {question} listed"


def read_entry(lines: Sequence[str], path: Path) -> Any:
    """The data of an entry by itself."""
    return read_yaml("\n".join(lines) + "\n", path).data


def _place(text: str, lines: Sequence[str]) -> int:
    """The line in which an entry begins."""
    return text.split("\n").index(lines[0] + ("\r" if "\r\n" in text else "")) + 1


def _text(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
