"""The chance of a key result in words, also beside the confidence of its owner."""

from __future__ import annotations

from headway.charts import formats
from headway.engine.written import THIN
from headway.goals.ahead.chance import Likelihood, gap, in_ten
from headway.goals.aims import success_of, unit_of
from headway.goals.models import KeyResult, Shape
from headway.goals.progress import Status
from headway.goals.refresh import shape_of
from headway.goals.shapes import Keep
from headway.outlook.words import said

UNLIKELY, LIKELY = 0.35, 0.65
"""Chances that say something else than the status."""

SURER = (
    "Either something is coming that the past does not know of, or the target is further away "
    "than it feels."
)
LESS_SURE = (
    "Either something is in the way that the past does not know of, or the target is nearer than "
    "it feels."
)


def sentence(key_result: KeyResult, found: Likelihood, currency: str) -> str:
    """What it will be by its due date, and how likely that is enough."""
    low, middle, high = said(found.steps[-1], unit_of(key_result), currency)
    day = formats.day(found.steps[-1].through)
    likely = f"If it goes on like this, it will most likely be {middle} on {day}"
    range_ = "" if low == high else f", and with 80\u202f% between {low} and {high}"
    chance = f"The chance {goal(key_result, currency)} is {in_ten(found.chance)}."
    return " ".join(filter(None, (f"{likely}{range_}.", chance, unlike(key_result, found.chance))))


def unlike(key_result: KeyResult, chance: float) -> str:
    """Why the status of today and the chance point different ways; "" where they do not."""
    if key_result.status == Status.on_track and chance < UNLIKELY:
        return "It is on pace today, but as its metric has gone so far, that will hardly last."
    if key_result.status in (Status.behind, Status.at_risk) and chance > LIKELY:
        return "It is not on pace today, but as its metric has gone so far, it will make up for it."
    return ""


def goal(key_result: KeyResult, currency: str) -> str:
    """What the chance is of: `to reach 450`, `to hold`."""
    if key_result.shape == Shape.keep:
        return "to hold until then"
    wanted = success_value(key_result)
    if wanted is None:
        return "of success"
    value, success = formats.value(wanted, unit_of(key_result), currency), success_of(key_result)
    if success < 1 and key_result.shape != Shape.graded:
        return f"to reach {value}, which is {formats.percent(success)} of the way,"
    return f"to reach {value}"


def success_value(key_result: KeyResult) -> float | None:
    """From which value on it has succeeded; None for bounds, and while that is not known."""
    shape, baseline = shape_of(key_result), key_result.baseline
    if isinstance(shape, Keep) or baseline is None or key_result.aim is None:
        return None
    return shape.value(success_of(key_result), baseline)


def brief(key_result: KeyResult) -> str:
    """For lists, or "" while it cannot be told."""
    if key_result.chance is None:
        return ""
    chance = f"If it goes on like this, a chance of {percent(key_result.chance)}."
    return " ".join(filter(None, (chance, unlike(key_result, key_result.chance))))


def percent(chance: float) -> str:
    """In whole ones; nothing is certain."""
    if chance < 0.01:
        return f"under 1{THIN}%"
    return f"over 99{THIN}%" if chance > 0.99 else formats.way(chance)


def apart(chance: float | None, confidence: int | None) -> str:
    """When the owner and the forecast are far apart; else ""."""
    points = gap(chance, confidence)
    if not points or chance is None:
        return ""
    way = "above" if points > 0 else "below"
    words = (
        f"A confidence of {confidence} of 10 is {abs(points)} points {way} the forecast’s chance"
    )
    return f"{words} of {percent(chance)}. {SURER if points > 0 else LESS_SURE}"
