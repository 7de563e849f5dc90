"""Periods that began when events were kept which are removed now, and that go on."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Sum

from headway.engine.period import STORED_GRAINS, Grain, Period
from headway.metrics.models import Metric, Point
from headway.metrics.present import Present

NO_SUM = (
    "It begins on {start}, and raw events are kept since {since}: what is no sum of days cannot be "
    "counted for it."
)


def straddle(metric: Metric, present: Present) -> None:
    """What is a sum of days is summed up from their points; anything else is unknown.

    What was complete before its events went stays as it is.
    """
    for grain, period in _open(metric, present):
        rows = Point.objects.filter(metric=metric, grain=grain, start=period.start, complete=False)
        done = present.is_over(metric.key, period)
        if present.definitions[metric.key].additive:
            for row in rows:
                _sum(row, period, complete=done)
            continue
        why = NO_SUM.format(start=period.start, since=present.kept.since)
        unknown = dict.fromkeys(("value", "numerator", "denominator", "low", "high"))
        rows.update(**unknown, n=0, reason=why, complete=done)


def _open(metric: Metric, present: Present) -> Iterator[tuple[Grain, Period]]:
    since = present.kept.since
    if since is None:
        return
    for grain in STORED_GRAINS[1:]:
        for day in {since, present.today}:
            period = present.calendar.period(day, grain)
            if period.start < since and present.frozen(metric.key, period):
                yield grain, period


def _sum(row: Point, period: Period, *, complete: bool) -> None:
    days = Point.objects.filter(
        metric=row.metric_id, grain=Grain.day, segment_by=row.segment_by, segment=row.segment,
        start__gte=period.start, start__lt=period.end,
    )  # fmt: skip
    found = days.aggregate(Sum("value"), Sum("numerator"), Sum("n"), Sum("faults"))
    unknown = days.filter(value=None).order_by("start").first()
    row.complete, row.n, row.faults = complete, found["n__sum"] or 0, found["faults__sum"] or 0
    row.value = None if unknown else found["value__sum"]
    row.numerator = None if unknown else found["numerator__sum"]
    row.reason = unknown.reason if unknown else ""
    row.low = row.high = None
    row.save()
