"""Why an item came out as it did: how each response was read, beside the key, and how to check the verdict by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader.comparing import compare_command, reading, reproduction
from grader.errors import SpecError, Unreadable
from grader.keys import FieldKey, SelectKey
from grader.loading.specs.course import Course
from grader.math.texts import Judgement, Kind, Reading, bare, judge_texts, read_text, without_label
from grader.result import FieldResult, ItemResult, SubmissionResult
from grader.spec import Item, NumericField, RegionField, Spec, Symbol

_KINDS: dict[str, Kind] = {"numeric": "expression", "symbolic": "expression", "region": "region"}
_AT_FAULT = 2  # sentences that a missing key leaves at the end of the feedback


@dataclass(frozen=True, slots=True)
class FieldExplanation:
    """One field as it was graded, and what lies behind it.

    ``judged`` is False where there is no key to judge by: ``result`` then tells the response alone. ``trouble`` says
    why the response cannot be read as what it should be. ``values`` are those of key and response at the ``witness``;
    ``reproduce`` is a command that shows them again.
    """

    result: FieldResult
    judged: bool
    reading: Reading | None = None
    trouble: str = ""
    key: str | None = None
    key_reading: Reading | None = None
    witness: Mapping[str, str] | None = None
    values: tuple[str, str] | None = None
    reproduce: str | None = None


@dataclass(frozen=True, slots=True)
class ItemExplanation:
    """``id`` is that of the item within its assignment: ``midterm/4d``."""

    id: str
    result: ItemResult
    judged: bool
    fields: tuple[FieldExplanation, ...]


def explain(result: SubmissionResult, course: Course) -> list[ItemExplanation]:
    """Explain every item of a result that was graded in this course."""
    return [
        _explain_item(assignment.id, item, course) for assignment in result.assignments for item in assignment.items
    ]


def _explain_item(assignment: str, result: ItemResult, course: Course) -> ItemExplanation:
    item = next(item for item in course.assignments[assignment].items if item.id == result.id)
    key = course.keys.get(assignment, {}).get(item.id)
    keys = {} if key is None or isinstance(key, SpecError) else key.fields
    keyless = course.reference is None
    fields = tuple(_explain_field(field, item, keys.get(field.name), keyless) for field in result.fields)
    return ItemExplanation(f"{assignment}/{item.id}", result, all(field.judged for field in fields), fields)


def _explain_field(result: FieldResult, item: Item, key: FieldKey | None, keyless: bool) -> FieldExplanation:
    """Without keys an error says no more than that there is none; a blank or a human's kind needs none."""
    spec = item.field(result.name)
    assert spec is not None, result.name
    judged = not (keyless and result.status == "error")
    if not judged:
        result = result.model_copy(update={"feedback": result.feedback[:-_AT_FAULT]})
    explained = FieldExplanation(result, judged, key=written(key))
    if result.response is None:
        return explained
    if spec.kind == "construct" and result.read_as is None:
        return replace(explained, reading=reading(result.response, spec.symbols, "expression"))
    kind = _KINDS.get(spec.kind)
    return _with_readings(explained, spec, key, kind) if kind else explained


def written(key: FieldKey | None) -> str | None:
    """A key as its author wrote it; None where it is not one text or a set of options."""
    if isinstance(key, SelectKey):
        return ", ".join(key.must) + (f" (and perhaps {', '.join(key.may)})" if key.may else "")
    value = getattr(key, "value", None)
    return value if isinstance(value, str) else None


def _with_readings(explained: FieldExplanation, spec: Spec, key: FieldKey | None, kind: Kind) -> FieldExplanation:
    response, symbols = explained.result.response or "", _symbols(spec)
    try:
        explained = replace(explained, reading=read_text(response, symbols, kind))
    except Unreadable as error:
        explained = replace(explained, trouble=str(error))
    if key is None or explained.key is None:
        return explained
    explained = replace(explained, key_reading=reading(explained.key, symbols, kind))
    return _with_witness(explained, key, symbols, kind) if explained.reading else explained


def _symbols(spec: Spec) -> Mapping[str, Symbol]:
    """Those of the field, the one that a region is a set of in front. Numbers have none."""
    if isinstance(spec, NumericField):
        return {}
    first = spec.variable if isinstance(spec, RegionField) else None
    return {first: spec.symbols[first], **spec.symbols} if first in spec.symbols and first else spec.symbols


def _with_witness(
    explained: FieldExplanation, key: FieldKey, symbols: Mapping[str, Symbol], kind: Kind
) -> FieldExplanation:
    """The point that tells key and response apart, and a command that shows both values there."""
    written, response = explained.key or "", explained.result.response or ""
    seed = f"{key.seed}/{without_label(bare(response), symbols)}"
    found = _of_evidence(explained.result)
    if found is None and explained.result.kind != "symbolic":
        found = judge_texts(written, response, symbols, kind, seed)
    line = reproduction(written, response, symbols, found, seed) if found and kind == "expression" else None
    return replace(
        explained,
        witness=found.witness if found else None,
        values=found.values if found else None,
        reproduce=line or compare_command(written, response, symbols, kind),
    )


def _of_evidence(result: FieldResult) -> Judgement | None:
    """The verdict of a checker that found a witness."""
    witness, values = result.evidence.get("witness"), result.evidence.get("values")
    if not (isinstance(witness, dict) and isinstance(values, dict) and {"key", "response"} <= values.keys()):
        return None
    shown = {name: str(value) for name, value in witness.items()}
    return Judgement("unequal", "", "", shown, (str(values["key"]), str(values["response"])))
