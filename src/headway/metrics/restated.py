"""Complete periods that have another value than before: kept as they change, and said in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from headway.engine.period import Grain
from headway.metrics.models import Metric, Restated
from headway.metrics.present import Present
from headway.metrics.rows import Edit

KEPT = 500
"""Periods of a metric, the newest of all grains."""

WHY = {
    "identities": "ids turned out to be the same person",
    "traits": "what is known of people and accounts changed",
    "events": "events came late or were taken out",
}


def keep(edit: Edit, present: Present) -> None:
    """In the transaction that writes the points. Another definition begins anew."""
    if present.everything(edit.metric.key):
        edit.metric.restated.all().delete()
        return
    if not edit.restated:
        return
    newest = sorted(edit.restated, key=lambda one: one.start)[-KEPT:]
    rows = [
        Restated(
            metric=edit.metric,
            grain=one.grain.value,
            start=one.start,
            end=one.end,
            before=one.before,
            after=one.after,
            why=present.causes(edit.metric.key, one.start, one.end),
            at=present.now,
        )
        for one in newest
    ]
    Restated.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["metric", "grain", "start"],
        update_fields=["end", "before", "after", "why", "at"],
    )
    _prune(edit.metric)


def restated(metric: Metric, grain: Grain | str, first: date, last: date) -> list[Restated]:
    """The periods that start in these days, the newest change first."""
    rows = metric.restated.filter(grain=str(grain), start__gte=first, start__lte=last)
    return list(rows.order_by("-at", "-start"))


def reasons(rows: Sequence[Restated]) -> str:
    """Why, in words that end a sentence."""
    causes = dict.fromkeys(cause for row in rows for cause in row.why)
    return ", and because ".join(WHY[cause] for cause in WHY if cause in causes)


def _prune(metric: Metric) -> None:
    old = metric.restated.order_by("-start").values_list("pk", flat=True)[KEPT:]
    metric.restated.filter(pk__in=list(old[:KEPT])).delete()
