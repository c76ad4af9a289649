"""Distributions by their usual names, as they are written: ``uniform(-2, 3)``, ``normal(0, 1)``.

What is drawn, and which density belongs to a name, is for others (``montecarlo``, ``proving``): here names and
parameters are read. A normal distribution has its mean and its *standard deviation*, a gamma distribution its shape and
its rate, an exponential one its rate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from grader.errors import Unreadable
from grader.math.names import SPELLINGS
from grader.math.reader import Reader
from grader.math.tree import FUNCTIONS, Expression
from grader.scalars import nearest
from grader.spec import Symbol

# name -> its parameters, None: one or more weights
LAWS: dict[str, tuple[str, ...] | None] = {
    "uniform": ("low", "high"),
    "normal": ("mean", "standard deviation"),
    "laplace": ("location", "scale"),
    "logistic": ("location", "scale"),
    "cauchy": ("location", "scale"),
    "exponential": ("rate",),
    "gamma": ("shape", "rate"),
    "beta": ("first shape", "second shape"),
    "student": ("degrees of freedom",),
    "bernoulli": ("probability",),
    "binomial": ("trials", "probability"),
    "geometric": ("probability",),
    "poisson": ("rate",),
    "integers": ("least", "greatest"),
    "categorical": None,
}
DISCRETE = frozenset({"bernoulli", "binomial", "geometric", "poisson", "integers", "categorical"})
_ALIASES = {"gaussian": "normal", "expo": "exponential", "t": "student"}
_FORMULAS = frozenset({*FUNCTIONS, *SPELLINGS, *SPELLINGS.values(), "sum", "prod", "diff"})
_CALL = re.compile(r"\s*([A-Za-z]+)\s*(?=\()")


@dataclass(frozen=True, slots=True)
class Law:
    """A distribution by its name in ``LAWS`` and its parameters, formulas in symbols.

    ``bernoulli`` is 1 with its probability, else 0. ``geometric`` counts trials up to the first success, from 1.
    ``integers`` are equally likely, both ends included. ``categorical`` has the values 1, 2, … with weights that are
    probabilities.
    """

    name: str
    parameters: tuple[Expression, ...]


def read_law(text: str, symbols: Mapping[str, Symbol]) -> Law | None:
    """The distribution that ``text`` names; None where it is some other formula.

    Raises Unreadable for a wrong number of parameters, for parameters that cannot be read and for a name that looks
    like a distribution's, misspelt.
    """
    found = _CALL.match(text)
    if not found or found[1] in symbols:
        return None
    name = _ALIASES.get(found[1].lower(), found[1].lower())
    if name not in LAWS:
        hint = nearest(name, [*LAWS, *_ALIASES])
        if hint and found[1] not in _FORMULAS:
            raise Unreadable(f"there is no distribution {found[1]!r}{hint}", found.start(1))
        return None
    reader = Reader(text[found.end() :], symbols)
    reader.expect("(")
    parameters = [reader.expression()]
    while reader.accept(","):
        parameters.append(reader.expression())
    reader.expect(")")
    if reader.next.kind != "end":
        return None  # a formula that begins like a distribution: gamma(3) + 1
    wanted = LAWS[name]
    if wanted is not None and len(parameters) != len(wanted):
        raise Unreadable(f"{name} takes {', '.join(wanted)}, not {len(parameters)} parameters", found.start(1))
    return Law(name, tuple(parameters))
