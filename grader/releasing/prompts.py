"""The prompts of an assignment as Markdown, with what is asked for in each field."""

from __future__ import annotations

from collections.abc import Iterator

from grader.releasing.wording import asked, points, symbols, tests
from grader.spec import Assignment, CodeField, Item, Question, Spec


def prompts(assignment: Assignment) -> str:
    """All of the assignment, to be read."""
    head = f"# {assignment.title}\n\n{points(assignment.points)}. How to answer and hand in: README.md"
    return "\n\n".join([head, *(_question(question) for question in assignment.questions)]) + "\n"


def question_title(question: Question) -> str:
    """Its number, title and points in one line."""
    worth = round(sum(item.points for item in question.items), 6)
    return f"Question {question.question}: {question.title} ({points(worth)})"


def item_text(item: Item) -> str:
    """An item without a heading: its prompt, and below it what to hand in."""
    return "\n\n".join([item.prompt.strip(), *_asked_for(item)])


def field_line(spec: Spec) -> str:
    """A field in one line: its points, its own prompt, and what a response is. The name is in bold."""
    own = f" {spec.prompt.strip()}" if spec.prompt else ""
    said = asked(spec)
    return f"**{spec.name}** ({points(spec.points)}):{own} {said[0].upper()}{said[1:]}."


def _question(question: Question) -> str:
    items = [f"### {item.id} ({points(item.points)})\n\n{item_text(item)}" for item in question.items]
    return "\n\n".join([f"## {question_title(question)}", *items])


def _asked_for(item: Item) -> Iterator[str]:
    yield "**To hand in**"
    yield "\n".join(line for spec in item.fields for line in _field(spec))
    if usable := symbols(item):
        yield "**Symbols**"
        yield "\n".join(f"- {line}" for line in usable)


def _field(spec: Spec) -> Iterator[str]:
    yield f"- {field_line(spec)}"
    if isinstance(spec, CodeField):
        yield from (f"  - {line}" for line in tests(spec))
