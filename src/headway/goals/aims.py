"""What a key result is counted in, and how much of its way is a success."""

from __future__ import annotations

from headway.charts import formats
from headway.goals.models import Ambition, KeyResult, Objective, Shape


def unit_of(key_result: KeyResult) -> str:
    if key_result.shape == Shape.milestones:
        return "percent"
    return key_result.metric.unit if key_result.metric else key_result.unit


def is_aspirational(key_result: KeyResult, objective: Objective) -> bool:
    """Graded goals succeed at their target, of which the stretch is more."""
    return key_result.shape == Shape.graded or objective.ambition == Ambition.aspirational


def success_of(key_result: KeyResult) -> float:
    """The share of the way, from 0 to 1, that the workspace calls a success."""
    aspirational = is_aspirational(key_result, key_result.objective)
    return key_result.objective.workspace.aspirational_success if aspirational else 1.0


def kept(key_result: KeyResult) -> str:
    """The bounds within which it is kept: `at least 92 % and at most 95 %`."""
    unit, currency = unit_of(key_result), key_result.objective.workspace.currency
    bounds = (("at least", key_result.at_least), ("at most", key_result.at_most))
    said = [f"{w} {formats.value(b, unit, currency)}" for w, b in bounds if b is not None]
    return " and ".join(said)
