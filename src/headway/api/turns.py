"""When the level of a metric changed, and whether what is said to drive it moves before it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Path, Router, Schema
from ninja.params.functions import Query

from headway.api.context import caller
from headway.api.metrics import live_metric
from headway.metrics.happened.happenings import annotations_by
from headway.metrics.reading import grain_of
from headway.outlook.links import Tie, ties_of
from headway.outlook.turns import TURNS, seen
from headway.stats.history import CannotTell

turns, ties = Router(), Router()
LOOKING_BACK = timedelta(days=2 * 366)
SINCE = Query(None, description="Empty: two years ago.")


class Turn(Schema):
    """`day` begins the first period of the new level; levels are without season and drift.

    `beside` are titles of what happened around it: coming together does not prove a cause.
    """

    day: date
    before: float
    after: float
    relative: float | None
    beside: list[str]
    words: str


class Turns(Schema):
    """Without turns the level held, or `reason` says why nobody can tell."""

    turns: list[Turn]
    reason: str


class Link(Schema):
    """`cause` is said to drive `result`. `lag` is in weeks, `strength` goes from −1 to 1.

    `slope` is how much of a change comes through, with its 95 % interval: in per cent for one per
    cent where `relative`. `verdict`: linked, no evidence yet, cannot tell.
    """

    cause: str
    result: str
    verdict: str
    words: str
    rests_on: str
    lag: int | None
    strength: float | None
    slope: float | None
    low: float | None
    high: float | None
    relative: bool | None
    p: float | None
    weeks: int | None


@turns.get("", summary="Read when its level changed", response=Turns)
def show(
    request: HttpRequest, workspace: Path[str], key: Path[str], since: date | None = SINCE
) -> dict[str, Any]:
    """The newest first, each beside the annotations around it."""
    who = caller(request, workspace)
    metric = live_metric(who, key)
    found = TURNS.read(metric, grain_of(metric))
    today = who.workspace.calendar.day_of(who.now)
    rows = annotations_by([metric])[metric.pk]
    shown = seen(metric, found, rows, since or today - LOOKING_BACK, today, who.workspace.currency)
    told = [
        {
            **{name: getattr(one.turn, name) for name in ("day", "before", "after", "relative")},
            "beside": [str(row) for row in one.beside],
            "words": one.sentence,
        }
        for one in shown
    ]
    return {"turns": told, "reason": found.reason if isinstance(found, CannotTell) else ""}


@ties.get("", summary="Read whether one drives the other", response=list[Link])
def index(request: HttpRequest, workspace: Path[str], key: Path[str]) -> list[dict[str, Any]]:
    """Of what the metric is said to drive, and of what is said to drive it."""
    return [_row(tie) for tie in ties_of(live_metric(caller(request, workspace), key))]


def _row(tie: Tie) -> dict[str, Any]:
    names = ("lag", "strength", "slope", "low", "high", "relative", "p", "weeks")
    return {
        "cause": tie.cause.key,
        "result": tie.result.key,
        "verdict": tie.link.verdict if tie.link else "cannot tell",
        "words": tie.words,
        "rests_on": tie.rests,
        **{name: getattr(tie.link, name, None) for name in names},
    }
