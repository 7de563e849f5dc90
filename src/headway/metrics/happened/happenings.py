"""What happened around metrics, as models and charts read it: for many metrics at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from headway.accounts.models import Workspace
from headway.engine.period import Grain
from headway.metrics.models import Annotation, AnnotationKind, Metric
from headway.metrics.reading import LONGEST, grain_of
from headway.stats.history import Known
from headway.stats.turns import Happening

DAY = timedelta(days=1)
FILLS = 7
"""A range tells of a period when it fills at least a seventh of it: a day of a week."""


def launch_days(workspace: Workspace) -> dict[str, date]:
    """First days by key of outputs that were launched, and of what else happened."""
    rows = workspace.annotations.filter(archived_at=None).order_by("origin")
    return dict(rows.values_list("key", "starts"))


def living(workspace: Workspace) -> QuerySet[Annotation]:
    return workspace.annotations.filter(archived_at=None)


def listed(
    workspace: Workspace, *, kind: str = "", metric: Metric | None = None
) -> list[Annotation]:
    """The newest first, of one kind or those that cover a metric if that is asked for."""
    rows = living(workspace).select_related("by").prefetch_related("metrics")
    found = list(rows.filter(kind=kind) if kind else rows)
    if metric is None:
        return found
    named = _named(found, [metric])
    return [row for row in found if _covers(row, metric, named)]


def covered(row: Annotation) -> str:
    """In words, such as `all metrics`."""
    if row.covers == "metrics":
        names = sorted(metric.name for metric in row.metrics.all() if metric.archived_at is None)
        return ", ".join(names) or "no metric"
    return f"product {row.product}" if row.covers == "product" else "all metrics"


def annotations_by(
    metrics: Iterable[Metric], start: date | None = None, end: date | None = None
) -> dict[int, tuple[Annotation, ...]]:
    """What covers each metric, the oldest first, in two queries; `end` is the day after the last.

    All metrics are of one workspace.
    """
    chosen = list(metrics)
    if not chosen:
        return {}
    rows = Annotation.objects.filter(workspace=chosen[0].workspace_id, archived_at=None)
    if start and end:
        rows = rows.alias(through=Coalesce("ends", "starts")).filter(
            starts__lt=end, through__gte=start
        )
    found = list(rows.order_by("starts", "title", "pk"))
    named = _named(found, chosen)
    return {m.pk: tuple(row for row in found if _covers(row, m, named)) for m in chosen}


def known_by(metrics: Iterable[Metric], grain: Grain | None = None) -> dict[int, tuple[Known, ...]]:
    """What models of each metric take into account, at its own grain or another."""
    chosen = list(metrics)
    found = annotations_by(chosen)
    return {m.pk: _known(found[m.pk], grain or grain_of(m)) for m in chosen}


def known(metric: Metric, grain: Grain | None = None) -> tuple[Known, ...]:
    return known_by([metric], grain)[metric.pk]


def happenings_by(
    metrics: Iterable[Metric], start: date, end: date
) -> dict[int, tuple[Happening, ...]]:
    found = annotations_by(metrics, start, end)
    return {pk: tuple(Happening(r.starts, r.title) for r in rows) for pk, rows in found.items()}


def happenings(metric: Metric, start: date, end: date) -> tuple[Happening, ...]:
    """What began before `end` and had not ended before `start`."""
    return happenings_by([metric], start, end)[metric.pk]


def _known(rows: Iterable[Annotation], grain: Grain) -> tuple[Known, ...]:
    return tuple(found for row in rows if (found := _one_known(row, grain)))


def _one_known(row: Annotation, grain: Grain) -> Known | None:
    """A launch lifts for good; an incident or a campaign says nothing of the time after it.

    Notes are for people. Holidays belong to the season of weeks and longer periods, and a range
    that is short beside the period is drowned in it.
    """
    if row.kind == AnnotationKind.launch:
        return Known(row.starts)
    brief = ((row.last - row.starts).days + 1) * FILLS < LONGEST[grain]
    seasonal = row.kind == AnnotationKind.holiday and grain is not Grain.day
    if row.kind == AnnotationKind.note or brief or seasonal:
        return None
    return Known(row.starts, row.last + DAY)


def _named(rows: Iterable[Annotation], metrics: Iterable[Metric]) -> set[tuple[int, int]]:
    pairs = Annotation.metrics.through.objects.filter(
        annotation__in=[row.pk for row in rows if row.covers == "metrics"],
        metric__in=[metric.pk for metric in metrics],
    )
    return set(pairs.values_list("annotation_id", "metric_id"))


def _covers(row: Annotation, metric: Metric, named: set[tuple[int, int]]) -> bool:
    if row.covers == "product":
        return bool(row.product) and metric.profile.get("product") == row.product
    return row.covers == "all" or (row.pk, metric.pk) in named
