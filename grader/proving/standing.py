"""What becomes of a route, and where a key stands after all of its routes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from grader.errors import Fault
from grader.routes import Route

if TYPE_CHECKING:
    from grader.montecarlo.simulation import Run

Status = Literal["refuted", "faulty", "undecided", "proved", "supported", "reason", "missing"]
# the first of these that any route came to is where the key stands
_RANK: tuple[Status, ...] = ("refuted", "faulty", "proved", "supported", "undecided", "reason", "missing")
SETTLED: frozenset[Status] = frozenset({"proved", "supported", "reason"})


@dataclass(frozen=True, slots=True)
class Found:
    """What a route found out.

    ``proved``: SymPy reduced a difference to zero, all cases were counted, or a counterexample is certain, and the key
    says the same. ``supported``: draws or instances agree with it, within the bounds that ``how`` and ``runs`` state.
    ``refuted``: they contradict it, by ``witness``. ``undecided``: neither, for the reason in ``how``. ``faulty``: the
    route itself cannot be carried out. ``reason``: the author says why there is none.
    """

    status: Status
    how: str
    witness: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """One route to the key of one field, carried out. ``linked``: what it found bears on the key itself."""

    route: Route
    found: Found
    linked: bool = True
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the key of a field stands. ``faults`` are routes that could not be read."""

    assignment: str
    item: str
    field: str
    kind: str
    proofs: tuple[Proof, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.assignment}/{self.item}.{self.field}"

    @property
    def status(self) -> Status:
        """What the routes come to: one that speaks against the key counts more than all others, one that could not be
        settled less. A route that does not bear on the key can only speak against it."""
        came: set[Status] = {proof.found.status for proof in self.proofs if proof.linked or _against(proof)}
        if self.faults:
            came.add("faulty")
        return next((status for status in _RANK if status in came), "missing")


def _against(proof: Proof) -> bool:
    return proof.found.status in ("refuted", "faulty")


def exit_status(standings: Iterable[Standing], strict: bool) -> int:
    """1 where a key is refuted (``strict``: or not settled), 2 where a route cannot be carried out, else 0."""
    statuses = {standing.status for standing in standings}
    if "refuted" in statuses or (strict and statuses & {"undecided", "missing"}):
        return 1
    return 2 if "faulty" in statuses else 0
