"""The types of single values in what instructors write: numbers, names, options, texts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

YES_NO = ("yes", "no")
TRUE_FALSE = ("true", "false")
PRESETS = {"yes/no": YES_NO, "true/false": TRUE_FALSE}

NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
ITEM_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
CODE_FILE = r"^[A-Za-z0-9_]+\.py$"
PATTERNS = {
    NAME: "a name of letters, digits and _ that does not start with a digit",
    ITEM_ID: "an id of letters, digits, '.', '_' and '-' that starts with a letter or digit",
    CODE_FILE: "the name of a Python file, such as sample.py",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """`` (did you mean 'points'?)``, or nothing where no known word is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {found[0]!r}?)" if found else ""


def _number(value: object) -> object:
    """``1_0`` is a number for Python alone."""
    if isinstance(value, str) and "_" in value:
        raise ValueError(f"expected a number instead of {value!r}")
    return value


def _written(value: object) -> object:
    """What a person wrote into a field: text, or the elements of a list."""
    texts = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("expected text, or a list of texts")
    return value


Digits = BeforeValidator(_number)
Points = Annotated[float, Digits, Field(ge=0, allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=NAME)]
Written = Annotated[str | tuple[str, ...], BeforeValidator(_written)]


def _options(value: object) -> object:
    """Accept ``yes/no``, a list of names, or a mapping from name to other words for it."""
    if isinstance(value, str):
        if value not in PRESETS:
            raise ValueError(f"{value!r} names no set of options; expected yes/no, true/false, a list, or a named set")
        value = PRESETS[value]
    if isinstance(value, list | tuple):
        return _listed_options(value)
    if isinstance(value, dict):
        return {name: words or () for name, words in value.items()}
    return value


def _listed_options(names: list[object] | tuple[object, ...]) -> dict[object, object]:
    for place, name in enumerate(names):
        if not isinstance(name, str):
            raise ValueError("expected a list of names; other words for an option are written {name: [word, …]}")
        if name in names[:place]:
            raise ValueError(f"the option {name!r} stands twice")
    return dict.fromkeys(names, ())


def _distinct(options: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """No word may name two options, however it is written."""
    named: dict[str, str] = {}
    for name, also in options.items():
        for word in (name, *also):
            other = named.setdefault(" ".join(word.casefold().replace("-", " ").split()), name)
            if other != name:
                raise ValueError(f"{word!r} names two options: {other!r} and {name!r}")
    return options


Options = Annotated[
    dict[str, tuple[str, ...]], BeforeValidator(_options), Field(min_length=2), AfterValidator(_distinct)
]


def _credit(value: object) -> object:
    try:
        return value if value == "review" else _POINTS.validate_python(value)
    except ValidationError:
        raise ValueError(f"expected a number of points or review instead of {value!r}") from None


_POINTS: TypeAdapter[float] = TypeAdapter(Points)
Credit = Annotated[float | Literal["review"], BeforeValidator(_credit)]


def _ends(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError("expected the two ends of an interval, such as [0.06, 0.07]")
    return tuple(value)


def _in_order(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        raise ValueError(f"expected the lower end first instead of [{ends[0]:g}, {ends[1]:g}]")
    return ends


_End = Annotated[float, Digits, Field(allow_inf_nan=False)]
Ends = Annotated[tuple[_End, _End], BeforeValidator(_ends), AfterValidator(_in_order)]


# --- rules of form -------------------------------------------------------------------------------------------------

FORM_RULES = (
    "no-sum", "no-product", "no-integral", "no-derivative", "single-fraction", "lowest-terms", "factored", "expanded",
    "value", "exact", "size",
)  # fmt: skip


def _costs(value: object) -> object:
    try:
        return value if value == "all" else _POINTS.validate_python(value)
    except ValidationError:
        raise ValueError(f"expected a number of points or all instead of {value!r}") from None


class FormRule(BaseModel):
    """What breaking a rule costs, and how many nodes of the tree the rule ``size`` allows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    costs: Annotated[float | Literal["all"], BeforeValidator(_costs)] = "all"
    at_most: Annotated[int, Digits, Field(ge=1)] | None = None


def _form(value: object) -> object:
    """Write out the name of a rule, a list of names, or a mapping from names to what breaking them costs."""
    if isinstance(value, list | tuple) and all(isinstance(name, str) for name in value):
        for place, name in enumerate(value):
            if name in value[:place]:
                raise ValueError(f"the rule {name!r} stands twice")
        value = dict.fromkeys(value, "all")
    if isinstance(value, str):
        value = {value: "all"}
    if not isinstance(value, dict):
        raise ValueError("expected the name of a form rule, a list of names, or {name: what breaking it costs}")
    return {_known_rule(name): _rule(name, costs) for name, costs in value.items()}


def _known_rule(name: str) -> str:
    if name not in FORM_RULES:
        raise ValueError(f"unknown form rule {name!r}{nearest(name, FORM_RULES)}; expected {', '.join(FORM_RULES)}")
    return name


def _rule(name: str, written: object) -> object:
    limited = isinstance(written, FormRule) or (isinstance(written, dict) and "at_most" in written)
    if name == "size" and not limited:
        raise ValueError("the rule size needs a limit: size: {at_most: 40}, or size: {at_most: 40, costs: 1}")
    return written if isinstance(written, dict | FormRule) else {"costs": written}


def _limits(rules: dict[str, FormRule]) -> dict[str, FormRule]:
    for name, rule in rules.items():
        if rule.at_most is not None and name != "size":
            raise ValueError(f"at_most: is for the rule size, not for {name}")
    return rules


Form = Annotated[dict[str, FormRule], BeforeValidator(_form), AfterValidator(_limits)]


def affordable(form: dict[str, FormRule], points: float | None) -> dict[str, FormRule]:
    """The same rules; raises ValueError where one costs more than the field's points (None where these are wrong)."""
    for name, rule in form.items():
        if rule.costs != "all" and points is not None and rule.costs > points:
            raise ValueError(f"{name} costs {rule.costs:g}, which is more than the field's {points:g} points")
    return form
