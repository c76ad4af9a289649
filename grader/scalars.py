"""The types of single values in what instructors write: numbers, names, options, texts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

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
