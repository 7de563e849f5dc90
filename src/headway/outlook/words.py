"""A forecast in words."""

from __future__ import annotations

from datetime import timedelta

from headway.charts import formats
from headway.engine.period import Grain
from headway.outlook.ahead import Ahead, Step


def sentences(ahead: Ahead, grain: Grain, unit: str, currency: str) -> list[str]:
    """What the next period will be, and the last one that is looked at."""
    first, last = ahead.steps[0], ahead.steps[-1]
    found = [f"{_when(first, grain)} {between(first, unit, currency)}."]
    if last != first:
        found.append(f"{_when(last, grain)} {between(last, unit, currency)}.")
    return found


def between(step: Step, unit: str, currency: str) -> str:
    low, middle, high = (
        formats.value(readable(v, unit), unit, currency) for v in (step.low, step.middle, step.high)
    )
    if low == high:
        return f"most likely {middle}"
    return f"most likely {middle}, with 80\u202f% between {low} and {high}"


def readable(value: float, unit: str) -> float:
    """Nobody expects half a person: three digits of a large number say as much as all of them."""
    if unit == "percent" or not abs(value) >= 100:
        return value
    return float(f"{value:.3g}")


def _when(step: Step, grain: Grain) -> str:
    return f"{formats.period(step.start, grain, step.through + timedelta(days=1))}:"
