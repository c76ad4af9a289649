"""The active search for instances that break an inequality."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from grader.derivation.engine.comparing import NEAR, Question, place, relative_to, together, violations
from grader.derivation.engine.extremes import draw_kind
from grader.derivation.engine.instances import Draws, changed, chosen, draw_all, joined
from grader.derivation.engine.layout import Layout
from grader.derivation.engine.trials import Bound, Place, Trial, Trials
from grader.derivation.engine.values import Undetermined

VARIANTS = 160
KEPT = 16
STRENGTHS = (1.0, 0.7, 0.4, 0.2, 0.1)


def climb(question: Question, trials: Trials, layout: Layout, bound: Bound) -> Place | None:
    """A place that seems to break an inequality, sought from random and from extreme instances uphill; or None.

    Ends early where the budget of the step does.
    """
    rng = trials.rng("climb")
    parts: list[Draws] = [draw_all(trials.world, layout, rng, VARIANTS // 3, style) for style in ("plain", "sharp")]
    draws = joined([*parts, draw_kind(trials.world, layout, rng, VARIANTS // 3, "uneven")])
    for strength in STRENGTHS:
        trial = trials.trial(layout, draws)
        try:
            heights, best = _heights(question, trial, bound)
        except Undetermined:
            return None
        if best is not None:
            return best
        parents = np.argsort(-heights)[:KEPT]
        draws = changed(trials.world, layout, chosen(draws, np.resize(parents, VARIANTS)), rng, strength)
    return None


def _heights(question: Question, trial: Trial, bound: Bound) -> tuple[npt.NDArray[np.float64], Place | None]:
    """How near each instance comes to breaking the relation, and where one does so."""
    left, right = question.sides(trial.floats, bound)
    violation, scale = violations(question.relation, left.data, right.data)
    relative = relative_to(violation, scale)
    bad = together(left.bad, right.bad, left, right)
    if bad is not None:
        relative = np.where(bad == 0, relative, -np.inf)
    broken = relative > NEAR
    best = place(trial, bound, left.axes, relative.shape, int(relative.argmax())) if broken.any() else None
    return relative.reshape(len(relative), -1).max(axis=1) * np.ones(trial.count), best
