"""What moved a metric between two periods."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema
from ninja.params.functions import Query

from headway.api.context import caller
from headway.api.metrics import GRAIN, grain_named, live_metric
from headway.metrics.drivers.drivers import asked, moved, moved_by
from headway.metrics.drivers.drivers import to_dict as written
from headway.metrics.drivers.movers import of_change

router = Router()
PERIOD = "A period such as `2026-09-14`, `2026-09`, `2026-q3` or `2026`"


class Part(Schema):
    """`share` is what it made of the change, in the unit of the whole.

    `own` is how much of that comes from its own value, the rest from its weight. `below` splits
    the change of a driver that has drivers itself, in its own unit. `noise` says whether the part
    is beyond what it made in earlier changes: beyond noise, within noise, cannot tell.
    """

    name: str
    before: float | None
    after: float | None
    share: float
    own: float | None = None
    noise: str = "cannot tell"
    below: dict[str, Any] | None = None


class Drivers(Schema):
    """Without parts there is a `reason`. `method` says how a change was split."""

    metric: str
    grain: str
    start_before: date
    start_after: date
    segment_by: str
    formula: str
    before: float | None
    after: float | None
    change: float | None
    complete: bool
    method: str
    reason: str
    noise: str
    parts: list[Part]


@router.get("", summary="Read what moved a metric", response=Drivers)
def show(
    request: HttpRequest,
    workspace: Path[str],
    key: Path[str],
    before: str = Query("", alias="from", description=f"{PERIOD}; empty: the one before `to`."),
    after: str = Query("", alias="to", description=f"{PERIOD}; empty: the last complete one."),
    grain: Annotated[str, GRAIN] = "",
    by: str = Query("", description="A segment; empty: the drivers of its formula or tree."),
) -> dict[str, Any]:
    """The parts sum to the change. What is measured and has no tree is split by segments only."""
    who = caller(request, workspace)
    metric = live_metric(who, key)
    span = asked(metric, grain_named(grain) if grain else None, before, after)
    split = moved_by(metric, span, by) if by else None
    whole = moved(metric, span)
    found = of_change(whole, span, split, by)
    noise = {name: mover.verdict for name, mover in found.parts.items()}
    return {**written(whole, span, by, split, noise), "noise": found.change}
