"""What a number rests on: its definition, its days, its events, its queries and its inputs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema
from ninja.params.functions import Query

from headway.api import answers
from headway.api.context import caller
from headway.api.metrics import GRAIN, SEGMENT_BY, check_segment, grain_named, live_metric
from headway.engine.evidence import MOST
from headway.metrics.evidence import followed, place_of
from headway.metrics.reading import grain_of

PATIENCE = 30
"""So many seconds a call may look for events."""

router = Router()
START = Query(..., description="First day of the period.")
SEGMENT = Query("", description="A value of the property `segment_by`.")
EXAMPLES = Query(MOST, ge=0, le=MOST, description="How many subjects to name at most.")


class Stretch(Schema):
    """From `start` to the day before `end`."""

    start: date
    end: date


class Example(Schema):
    id: str
    events: int
    first: datetime
    last: datetime


class Selection(Stretch):
    """Events of one selection, and their distinct subjects. Viewers are given no `examples`."""

    name: str
    words: str
    by: str
    events: int
    subjects: int
    examples: list[Example]


class Asked(Stretch):
    """A statistic, and the query that reads it in the SQL of `dialect`."""

    statistic: str
    dialect: str
    sql: str


class Evidence(Schema):
    """`point` was counted just now. `read` are the days whose events were read, if any were."""

    name: str
    kind: str
    unit: str
    words: str
    definition_version: int | None
    definition: dict[str, Any]
    point: answers.Point
    read: Stretch | None
    selections: list[Selection]
    queries: list[Asked]
    inputs: list[str]


@router.get("", summary="Follow a number down", response=list[Evidence])
def show(
    request: HttpRequest,
    workspace: Path[str],
    key: Path[str],
    start: Annotated[date, START],
    grain: Annotated[str, GRAIN] = "",
    segment_by: Annotated[str, SEGMENT_BY] = "",
    segment: Annotated[str, SEGMENT] = "",
    examples: Annotated[int, EXAMPLES] = MOST,
) -> list[dict[str, Any]]:
    """The metric in one period, counted anew, and after it everything it is computed from."""
    who = caller(request, workspace)
    metric = live_metric(who, key)
    check_segment(metric, segment_by)
    chosen = grain_named(grain) if grain else grain_of(metric)
    place = place_of(metric, chosen, start, segment_by, segment)
    found = followed(place, by=who.member, now=who.clock, examples=examples, seconds=PATIENCE)
    return [one.to_dict() for one in found]
