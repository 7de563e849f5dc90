"""The picture of a metric with what is to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from headway.accounts.models import Workspace
from headway.charts.picture import Expected, Picture
from headway.metrics import picture as metrics
from headway.metrics.reading import grain_of
from headway.outlook.ahead import FORECAST, Ahead
from headway.outlook.models import Study
from headway.outlook.turns import TURNS, turned_in
from headway.stats.history import CannotTell

CONE = "The shaded part holds what comes next with a chance of 80 %, the line in it is the middle."


def foreseen(picture: Picture, ahead: Ahead | CannotTell, last: date) -> Picture:
    """With the forecast, if the picture of everybody reaches up to it; `last` is its last day."""
    if isinstance(ahead, CannotTell) or len(picture.segments) != 1:
        return picture
    if ahead.steps[0].start > last:
        return picture
    steps = [Expected(s.start, s.middle, s.low, s.high) for s in ahead.steps]
    return replace(picture, ahead=tuple(steps), note=f"{picture.note} {CONE}".strip())


def usual_pictures(workspace: Workspace, today: date) -> Iterator[Picture]:
    """What the pages of all KPIs show first, to be drawn before anybody asks."""
    names = (FORECAST.name, TURNS.name)
    rows = Study.objects.filter(metric__workspace=workspace, name__in=names, beside=None)
    found = {(row.name, row.metric_id, row.grain): row for row in rows}
    for metric, drawn in metrics.usual_pictures(workspace, today):
        ahead, turns = (found.get((name, metric.pk, grain_of(metric))) for name in names)
        drawn = foreseen(drawn, FORECAST.told(ahead), today) if ahead else drawn
        shown = turned_in(drawn, metric, TURNS.told(turns), workspace.currency) if turns else drawn
        yield shown
