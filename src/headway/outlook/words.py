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
    low, middle, high = said(step, unit, currency)
    likely = f"most likely {middle}"
    return likely if low == high else f"{likely}, with 80\u202f% between {low} and {high}"


def said(step: Step, unit: str, currency: str) -> list[str]:
    """Its low end, middle and high end, as people read them."""
    found = (step.low, step.middle, step.high)
    return [formats.value(readable(value, unit), unit, currency) for value in found]


def readable(value: float, unit: str) -> float:
    """Three digits say as much of what nobody knows as all of them."""
    return value if unit == "percent" else float(f"{value:.3g}")


def _when(step: Step, grain: Grain) -> str:
    period = formats.period(step.start, grain, step.through + timedelta(days=1))
    return f"{period[:1].upper()}{period[1:]}:"
