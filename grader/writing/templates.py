"""The entries of a new item. What its author must fill in begins with TODO (``loading.specs.unfilled``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.checkers import JUDGED
from grader.loading.specs.schemas import first_line
from grader.loading.yaml import NULLS

_TESTED = JUDGED | {"construct", "derivation"}
_WITH_SYMBOLS = frozenset({"symbolic", "region", "construct"})
_GUIDE = "docs/kinds.md has an example of every kind"
_FORM = "# rules on how it is written, such as form: exact, or lowest-terms, no-integral, no-derivative"

PUBLIC: dict[str, tuple[str, ...]] = {
    "choice": (
        "# or true/false, or a list [red, green], or with other words {red: [crimson], green: []}",
        "options: yes/no",
    ),
    "select": (
        "# or with other words for them: {VAE: [variational autoencoder], GAN: []}",
        "options: [TODO an option, TODO another one]",
        "# policy: per-option, or per-option-with-penalty, all-or-nothing",
    ),
    "order": (
        "# names without indices, and that of the last index: [z, x] and T for z_1, x_1, …, z_T, x_T",
        "elements: [TODO a name]",
        "size: TODO the name of the last index",
    ),
    "numeric": (_FORM,),
    "symbolic": (_FORM,),
    "region": ("# where the item has several symbols, the one whose values it is a set of: variable: x",),
    "construct": ("# what it is a function of: arguments: [x]; for a vector shape: [n], for a matrix shape: [n, m]",),
    "derivation": (
        "# what there is and how it is distributed: docs/derivations.md",
        "world:",
        "  variables: {x: {}, z: {}}",
        "  distributions: ['p(x, z)']",
        "# between single quotes: '\\sum_z p(x, z) = p(x)'",
        "claim: TODO what is to be shown",
    ),
    "text": (),
    "code": (
        "file: TODO.py",
        "function: TODO",
        "# public tests with their points, such as {sample-type: 1}: docs/course-code.md has them all",
        "checks: {}",
    ),
}

_KEY: dict[str, tuple[str, ...]] = {
    "choice": ("{}: TODO the right option",),
    "select": (
        "# where some neither help nor hurt: {{must: [AR], may: [EBM]}}",
        "{}: [TODO an option that belongs to it]",
    ),
    "order": ("# z_1, x_1, …, z_T, x_T", "{}: TODO the sequence"),
    "numeric": (
        "# 1/15, sqrt(2)/3, 0.25; to say how near decimals must be: {{value: 1/15, tolerance: {{digits: 3}}}}",
        "{}: TODO the number",
    ),
    "symbolic": ("# in the symbols that the problem declares: r*cos(theta)", "{}: TODO the formula"),
    "region": ("# x < 1, 0 < x < 1, (0, 1)", "{}: TODO the set"),
    "construct": ("# others are judged by the properties below", "{}: TODO an object that is right"),
    "derivation": (
        "# ends, steps and milestones add up to the points; without any, ends and steps earn half each",
        "{}:",
        "  value: |",
        "    TODO a chain that shows the claim, a step a line",
        "  # ends: 0.5",
        "  # steps: 0.5",
        "  # milestones:",
        "  #   - {{points: 1, patterns: ['p(x, z)'], hint: 'Which joint distribution is summed here?'}}",
    ),
    "text": ("# for the marker", "{}: TODO a model answer"),
    "code": (
        "# hidden tests; with the public ones they add up to the points: docs/course-code.md",
        "# a right file of your own lies beside this one, under the name that the problem gives",
        "{}:",
        "  checks: {{TODO: {points}}}",
    ),
}
_ROUTES = {
    "choice": "{sometimes: sqrt(z^2) != z, symbols: {z: {domain: real}}, shows: no}",
    "select": "{python: mine.py}, a function route() beside this file that returns the answer",
    "order": "{enumerate: {sampling_order: {z_t: [z_<t], x_t: [z_t]}}}",
    "numeric": "{value_of: '\\sum_{i=1}^{5} i'}, {density_of: Z^2, at: 1, where: {Z: 'uniform(0, 2)'}}",
    "symbolic": "{derivative_of: log(1 - D), with_respect_to: D}",
    "region": "{holds_where: x^2 < 1}",
    "construct": "{always: 'f(x) > 0'}",
    "derivation": "{world: ITEM, claim: '\\sum_z p(x, z) = p(x)'}",
}


@dataclass(frozen=True, slots=True)
class NewField:
    """``points`` as they are written, here and for an item."""

    name: str
    kind: str
    points: str


@dataclass(frozen=True, slots=True)
class NewItem:
    """``fields`` in order; an only one that is called answer is written short."""

    id: str
    points: str
    fields: tuple[NewField, ...]

    @property
    def is_short(self) -> bool:
        return [field.name for field in self.fields] == ["answer"]


def plain(word: str) -> str:
    """A word as YAML that means it."""
    return f"'{word}'" if word in NULLS else word


def quoted(text: str) -> str:
    """A text as YAML between single quotes, whatever is in it."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


# --- problems --------------------------------------------------------------------------------------------------------


def assignment_head(title: str, points: str, question: str) -> list[str]:
    """The head of a new assignment."""
    return [
        first_line("assignment"),
        f"title: {quoted(title)}",
        f"points: {points}",
        f"questions: [{quoted(question)}]",
    ]


def question_head(question: str, title: str | None) -> list[str]:
    """A new file, up to its first item."""
    named = quoted(title) if title else "TODO the title that students read"
    return [first_line("question"), f"question: {plain(question)}", f"title: {named}", "items:"]


def problem_entry(item: NewItem) -> list[str]:
    """As an element of ``items:``."""
    lines = [
        f"- id: {plain(item.id)}  # {_GUIDE}",
        f"  points: {item.points}",
        "  prompt: |",
        "    TODO what is asked, in Markdown with $formulas$",
        *_indented(_symbols(item), 2),
    ]
    if item.is_short:
        (field,) = item.fields
        return [*lines, "  answer:", f"    kind: {field.kind}", *_indented(PUBLIC[field.kind], 4)]
    lines.append("  fields:")
    for field in item.fields:
        lines += [f"    {field.name}:", f"      kind: {field.kind}", f"      points: {field.points}"]
        lines += [f"      prompt: TODO what belongs into {field.name}", *_indented(PUBLIC[field.kind], 6)]
    return lines


def _symbols(item: NewItem) -> list[str]:
    if not any(field.kind in _WITH_SYMBOLS for field in item.fields):
        return []
    return [
        "# the names that formulas may use; domain: positive, integer, '(0, 1)', …; {arity: 1} is a function",
        "symbols:",
        "  TODO: {domain: real}",
    ]


# --- keys ------------------------------------------------------------------------------------------------------------


def key_head() -> list[str]:
    """A new file of keys, up to its first item."""
    return [first_line("key")]


def key_entry(item: NewItem) -> list[str]:
    """As an entry of the file."""
    lines = [f"{plain(item.id)}:  # {_GUIDE}"]
    for field in item.fields:
        lines += _indented([line.format(field.name, points=field.points) for line in _KEY[field.kind]], 2)
    constructs = [field.name for field in item.fields if field.kind == "construct"]
    for part in (_properties(constructs), _prove(item), _mistakes(item), _tests(item)):
        lines += _indented(part, 2)
    return lines


def _properties(constructs: Sequence[str]) -> list[str]:
    if not constructs:
        return []
    return [
        "# what the objects must do together, in the notation of answers",
        "properties:",
        f"  - of: [{', '.join(constructs)}]",
        "    always: [TODO a relation that must hold for all values of the symbols]",
        "    say: TODO what a student reads whose objects do not",
    ]


def _prove(item: NewItem) -> list[str]:
    proved = [field for field in item.fields if field.kind != "text"]
    if not proved:
        return []
    reason = "{reason: TODO a second way to the key or why there can be none}"
    shown = dict.fromkeys(_ROUTES[field.kind].replace("ITEM", item.id) for field in proved if field.kind in _ROUTES)
    lines = ["# in place of the reason, a second route to the key (docs/proving.md), such as"] if shown else []
    lines += [f"#   {route}" for route in shown]
    if item.is_short:
        return [*lines, f"prove: {reason}"]
    return [*lines, "prove:", *(f"  {field.name}: {reason}" for field in proved)]


def _mistakes(item: NewItem) -> list[str]:
    marked = [field.name for field in item.fields if field.kind in JUDGED | {"construct"}]
    if not marked:
        return []
    field = "" if item.is_short else f"field: {marked[0]}, "
    return [
        "# wrong answers that you expect, compared as mathematics; credit is in points. Remove it if you know none.",
        "mistakes:",
        f"  - {{{field}when: TODO a wrong answer, credit: 0, say: TODO what helps and does not give the key away}}",
    ]


_ASKED = (
    ("a right response", "correct"),
    ("one in another style", "correct"),
    ("one in a third style", "correct"),
    ("a wrong response", "incorrect"),
    ("another wrong one", "incorrect"),
    ("a third wrong one", "incorrect"),
    ("one that cannot be read", "malformed"),
)
_OF_PROOFS = (("a right chain", "correct"), ("a chain with a wrong step", "incorrect"))


def _tests(item: NewItem) -> list[str]:
    tested = [field for field in item.fields if field.kind in _TESTED]
    if not tested:
        return []
    return ["# responses and what they must come to; put what has a comma between single quotes", "tests:"] + [
        f"  - {{{field.name}: TODO {what}, score: {field.points if status == 'correct' else 0}, status: {status}}}"
        for field in tested
        for what, status in (_OF_PROOFS if field.kind == "derivation" else _ASKED)
    ]


def _indented(lines: Sequence[str], columns: int) -> list[str]:
    return [" " * columns + line for line in lines]
