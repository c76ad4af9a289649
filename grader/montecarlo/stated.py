"""Claims as instructors state them under ``simulate:``, read and judged for every value of their repeated constants."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.errors import Unreadable
from grader.math.distributions import read_law
from grader.math.reader import read_expression
from grader.math.tree import Expression, Variable, free_names, substitute
from grader.montecarlo.claims import Claim, read_claim, read_statistic
from grader.montecarlo.interpreting import middle, value
from grader.montecarlo.model import Change, Misdescribed, Model, build_model
from grader.montecarlo.simulation import MARGIN, MARGIN_OF_DENSITIES, Rules, Run, judge_claim
from grader.routes import Draws, Simulation
from grader.spec import Symbol


@dataclass(frozen=True, slots=True)
class Stated:
    """A description of random variables with claims about them. ``symbols`` declares names that ``put_in`` replaces,
    and that the description does not use for something else."""

    simulation: Simulation
    claims: Sequence[str]
    symbols: Mapping[str, Symbol]
    put_in: Change

    def described(self) -> frozenset[str]:
        """Which of ``symbols`` the claims depend on through the description, or the description gives a meaning to."""
        model = self._model(next(self._repeated()))
        needed = {name for claim in self.read() for side in (claim.left, claim.right) for name in free_names(side)}
        claimed, found = frozenset(needed), set[str]()
        for name, entry in reversed(self.simulation.simulate.items()):
            if name in needed:
                used = _names(entry if isinstance(entry, str) else entry.law, {**self.symbols, **model.symbols})
                needed |= used
                found |= used
        taken = {*self.simulation.simulate, *self.simulation.repeated} & claimed
        return frozenset((found | taken) & self.symbols.keys())

    def check(self, name: str) -> None:
        """Raise Unreadable unless the only claim is an equality with ``name`` alone on one side and nowhere else:
        another one would be true of other numbers, too, or of none."""
        sides = [side for claim in self.read() if claim.relation == "=" for side in (claim.left, claim.right)]
        others = [side for side in sides if side != Variable(name)]
        if len(others) != 1 or name in free_names(others[0]) or name in self.described():
            raise Unreadable(f"claim: expected an equality with {name} alone on one side, and nowhere else")

    def read(self) -> list[Claim]:
        """The claims, with nothing put in."""
        model = self._model(next(self._repeated()))
        return [_claim(text, model) for text in self.claims]

    def judge(self, seed: str, margin: float | None = None, near_enough: bool = False) -> list[Run]:
        """A run for each claim and each value of the repeated constants, up to the first that is refuted.

        ``margin`` is the usual one where none is stated, ``near_enough`` as in Rules. Raises Unreadable for what cannot
        be read or estimated.
        """
        runs: list[Run] = []
        for constants in self._repeated():
            model = self._model(constants)
            rules = replace(self._rules(model, margin), near_enough=near_enough)
            suffix = "".join(f", {name} = {number}" for name, number in constants.items())
            for text in self.claims:
                runs.append(judge_claim(model, _claim(text, model), f"{seed}{suffix}", rules, suffix))
                if runs[-1].kind == "refuted":
                    return runs
        return runs

    def _repeated(self) -> Iterator[dict[str, str]]:
        names = self.simulation.repeated
        for values in itertools.product(*names.values()):
            yield dict(zip(names, values, strict=True))

    def _model(self, constants: Mapping[str, str]) -> Model:
        simulated = {name: _described(entry) for name, entry in self.simulation.simulate.items()}
        if twice := constants.keys() & simulated.keys():
            raise Misdescribed(min(twice), "described twice, under for: and under simulate:")
        described = {**constants, **simulated}
        free = {name: symbol for name, symbol in self.symbols.items() if name not in described}
        hidden = [name for name in self.symbols if name in described]
        return build_model(
            described, free, lambda x: _renamed(self.put_in(_renamed(x, hidden, "", "'")), hidden, "'", "")
        )

    def _rules(self, model: Model, margin: float | None) -> Rules:
        variances: dict[Expression, float] = {}
        for text, bound in self.simulation.variance.items():
            stated = middle(value(model.prepared(read_statistic(bound, model.symbols))))
            if not stated > 0:
                raise Unreadable(f"variance: the bound for {text} is a positive number, not {bound}")
            variances[model.prepared(read_statistic(text, model.symbols))] = stated
        rules = Rules(self.simulation.alpha, self.simulation.margin, self.simulation.draws, variances)
        return rules if rules.margin is not None else replace(rules, margin=margin)


def _names(text: str, symbols: Mapping[str, Symbol]) -> frozenset[str]:
    """What a distribution or formula mentions."""
    law = read_law(text, symbols)
    return frozenset[str]().union(*map(free_names, law.parameters if law else (read_expression(text, symbols),)))


def usual_margin(claims: Sequence[str], right: float) -> float | None:
    """The usual share of the right value (not of a response); None, so that it must be stated, where that is 0."""
    return abs(right) * (MARGIN_OF_DENSITIES if any("density" in claim for claim in claims) else MARGIN) or None


def _renamed(x: Expression, names: Sequence[str], before: str, after: str) -> Expression:
    """``x`` with an ending of these names (of no elements of families) replaced."""
    for name in names:
        x = substitute(x, f"{name}{before}", Variable(f"{name}{after}"))
    return x


def _described(entry: str | Draws) -> str | tuple[str, str]:
    return entry if isinstance(entry, str) else (entry.draws, entry.law)


def _claim(text: str, model: Model) -> Claim:
    try:
        return read_claim(text, model.symbols)
    except Unreadable as error:
        raise Unreadable(f"the claim {text!r} cannot be read: {error}") from error
