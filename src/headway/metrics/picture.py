"""A metric's series as a picture: the same on its page, in messages and in documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from headway.accounts.models import Workspace
from headway.charts import formats
from headway.charts.picture import Dot, Level, Picture, Scale
from headway.engine.series import SILENCE, WHOLE, Point, Series
from headway.metrics.happened.happenings import annotations_by
from headway.metrics.happened.marks import marked
from headway.metrics.models import Metric
from headway.metrics.reading import grain_of, series

SCALES: dict[str, Scale] = {
    "percent": "percent",
    "money": "money",
    "duration": "seconds",
    "seconds": "seconds",
    "s": "seconds",
    "ms": "milliseconds",
}
REACH = {"day": 92, "week": 7 * 53, "month": 761, "quarter": 366 * 4, "year": 366 * 12}
"""Days that a chart shows when nobody asks for others."""

AXES = {"percent": "share", "duration": "time", "seconds": "time", "s": "time", "ms": "time"}


def picture(metric: Metric, series: Series, currency: str) -> Picture:
    whole = series.of(WHOLE) if WHOLE in series.segments else ()
    return Picture(
        title=finding(metric, whole, str(series.grain), currency),
        unit=axis(metric.unit, currency),
        dots=tuple(dot(p, metric.unit, currency, str(series.grain)) for p in series.points),
        scale=SCALES.get(metric.unit, "number"),
        currency=currency,
        levels=_healthy(metric, currency),
        note=note(series),
    )


def usual_pictures(workspace: Workspace, today: date) -> Iterator[tuple[Metric, Picture]]:
    """What the pages of all KPIs show first, without what is to come."""
    kpis = workspace.metrics.filter(archived_at=None, level="kpi").select_related("workspace")
    happened = annotations_by(kpis)
    for metric in kpis:
        grain = grain_of(metric)
        start, end = today - timedelta(days=REACH[grain]), today + timedelta(days=1)
        drawn = picture(metric, series(metric, grain, start=start, end=end), workspace.currency)
        yield metric, marked(drawn, happened[metric.pk], end)


def finding(metric: Metric, points: tuple[Point, ...], grain: str, currency: str) -> str:
    """`Weekly active users, 3.2 % up on the week before`."""
    complete = [p for p in points if p.complete]
    known = [p for p in complete if p.value is not None]
    if len(known) < 2 or complete[-2:] != known[-2:]:
        return str(metric)
    found = formats.change(
        known[-1].value, known[-2].value, metric.unit, metric.direction, currency
    )
    assert found is not None
    before = f"the {formats.PERIOD_WORDS[grain]} before"
    if found.up is None:
        return f"{metric}, the same as {before}"
    way = "up" if found.up else "down"
    return f"{metric}, {found.text.lstrip('+−')} {way} on {before}"


def axis(unit: str, currency: str) -> str:
    """What the numbers on the axis are, in a word."""
    if unit == "money":
        return currency
    return AXES.get(unit, unit or "count")


def dot(point: Point, unit: str, currency: str, grain: str) -> Dot:
    when = formats.period(point.start, grain, point.end)
    label = f"{when}: {formats.value(point.value, unit, currency)}{_aside(point, unit, currency)}"
    if point.segment != WHOLE:
        label = f"{point.segment}, {label}"
    return Dot(
        day=point.start,
        value=point.value,
        label=label if point.complete else f"{label}, incomplete",
        complete=point.complete,
        low=point.low,
        high=point.high,
        segment=point.segment,
    )


def _aside(point: Point, unit: str, currency: str) -> str:
    """How sure the value is, and what is not in it."""
    found = ""
    if point.low is not None and point.high is not None:
        ends = (formats.value(v, unit, currency) for v in (point.low, point.high))
        found = f", 95 % from {' to '.join(ends)}"
    return f"{found}, {formats.unused(point.faults)}" if point.faults else found


def note(series: Series) -> str:
    grain, points = str(series.grain), sorted(series.points, key=lambda p: p.start)
    open_ = [p.start for p in points if not p.complete and p.value is not None]
    dashed = f"Dashed from {formats.period(open_[0], grain)}: not complete yet." if open_ else ""
    empty = [(formats.period(p.start, grain), p.reason) for p in points if p.value is None]
    return " ".join(filter(None, [dashed, gaps(empty)]))


def gaps(periods: Sequence[tuple[str, str]]) -> str:
    """Why a line has gaps, from the names of the periods without a value and their reasons.

    An unknown period is told first: nobody shall take it for a period in which nothing happened.
    """
    silent = [(when, reason) for when, reason in periods if SILENCE in reason]
    if silent:
        return f"Unknown from {silent[0][0]}: {silent[0][1]}"
    if not periods:
        return ""
    many = len(periods)
    return f"No value in {many} period{'s' if many != 1 else ''}: {periods[-1][1]}"


def _healthy(metric: Metric, currency: str) -> tuple[Level, ...]:
    healthy = metric.profile.get("healthy") or {}
    words = {"at_least": "healthy from", "at_most": "healthy up to"}
    return tuple(
        Level(
            healthy[edge], f"{said} {formats.value(healthy[edge], metric.unit, currency)}", "edge"
        )
        for edge, said in words.items()
        if healthy.get(edge) is not None
    )
