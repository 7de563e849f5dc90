"""The chance of a key result in words, also beside the confidence of its owner."""

from __future__ import annotations

from headway.charts import formats
from headway.goals.chance import Likelihood, gap, in_ten
from headway.goals.models import KeyResult, Shape
from headway.goals.picture import success_of, unit_of
from headway.goals.refresh import shape_of
from headway.goals.shapes import Keep
from headway.outlook.words import between

SURER = (
    "Either something is coming that the past does not know of, or the target is further away "
    "than it feels."
)
LESS_SURE = (
    "Either something is in the way that the past does not know of, or the target is nearer than "
    "it feels."
)


def sentence(key_result: KeyResult, found: Likelihood, currency: str) -> str:
    """`At this rate it reads most likely 445 on 31 Dec 2026, …: 4 in 10 chance to reach 450.`"""
    last, unit = found.steps[-1], unit_of(key_result)
    reads = f"If it goes on like this, it reads on {formats.day(last.through)}"
    return (
        f"{reads} {between(last, unit, currency)}: "
        f"{in_ten(found.chance)} chance {goal(key_result, currency)}."
    )


def goal(key_result: KeyResult, currency: str) -> str:
    """What the chance is of: `to reach 450`, `to hold`."""
    if key_result.shape == Shape.keep:
        return "to hold until then"
    wanted = success_value(key_result)
    if wanted is None:
        return "of success"
    said = formats.value(wanted, unit_of(key_result), currency)
    success = success_of(key_result)
    if success < 1 and key_result.shape != Shape.graded:
        return f"to reach {said}, which is {formats.percent(success)} of the way"
    return f"to reach {said}"


def success_value(key_result: KeyResult) -> float | None:
    """From which value on it has succeeded; None for bounds, and while that is not known."""
    shape, baseline = shape_of(key_result), key_result.baseline
    if isinstance(shape, Keep) or baseline is None or key_result.aim is None:
        return None
    return shape.value(success_of(key_result), baseline)


def percent(chance: float) -> str:
    """In whole ones; nothing is certain."""
    if chance < 0.01:
        return f"under 1{formats.THIN}%"
    return f"over 99{formats.THIN}%" if chance > 0.99 else formats.way(chance)


def apart(chance: float | None, confidence: int | None) -> str:
    """When the owner and the forecast are far apart; else ""."""
    points = gap(chance, confidence)
    if not points or chance is None:
        return ""
    way = "above" if points > 0 else "below"
    said = f"A confidence of {confidence} of 10 is {abs(points)} points {way} the forecast’s chance"
    return f"{said} of {percent(chance)}. {SURER if points > 0 else LESS_SURE}"
