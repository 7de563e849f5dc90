"""What the customers of a metric are worth."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from django.http import HttpRequest
from ninja import Path, Router, Schema

from headway.api.context import caller
from headway.api.metrics import live_metric
from headway.metrics.lifetime.lifetime import read, unasked
from headway.metrics.lifetime.words import rests_on, sentences
from headway.stats.history import CannotTell

router = Router()


class After(Schema):
    """Per customer. Not complete: some have not been customers for so long."""

    months: int
    value: float | None
    complete: bool


class Expected(Schema):
    """A mean per customer with its 95 % interval."""

    mean: float
    low: float
    high: float


class CohortOut(Schema):
    """`staying` is the share of subscribers who are there, `ahead` what buyers will still pay."""

    start: date
    size: int
    so_far: float
    cells: list[After]
    staying: float | None
    ahead: Expected | None


class CheckOut(Schema):
    day: date
    expected: float
    happened: int


class OutlookOut(Schema):
    """`each`: of purchases what each customer will still pay within the horizon, of balances what
    a new customer brings in it.
    """

    each: Expected
    model: dict[str, float]
    rests_on: str
    alive: float | None
    retention: list[float]
    checks: list[CheckOut]
    caution: str


class LifetimeOut(Schema):
    """Without an `outlook` there is a `reason`. `way` is `purchases`, `balances`, or empty when
    nothing is computed yet. `until` is the first day that does not count, `horizon` in months.
    """

    metric: str
    words: list[str]
    reason: str
    way: str = ""
    until: date | None = None
    horizon: int | None = None
    customers: int | None = None
    paid: float | None = None
    nobody: float | None = None
    so_far: float | None = None
    cohorts: list[CohortOut] = []
    outlook: OutlookOut | None = None


@router.get("", summary="Read what its customers are worth", response=LifetimeOut)
def show(request: HttpRequest, workspace: Path[str], key: Path[str]) -> dict[str, Any]:
    """By the month of their first purchase or subscription, and what is still to come.

    For metrics with a `lifetime`, which kinds that sum amounts may have.
    """
    metric = live_metric(caller(request, workspace), key)
    told = read(metric)
    if told is None:
        raise unasked(metric)
    if isinstance(told, CannotTell):
        return {"metric": key, "words": [told.reason], "reason": told.reason}
    words = [*sentences(told, metric), *rests_on(told)]
    found: dict[str, Any] = msgspec.to_builtins(told)
    return found | {"metric": key, "words": words, "so_far": told.so_far}
