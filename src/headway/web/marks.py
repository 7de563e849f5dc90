"""The list of what happened beside a chart: the numbers that stand in it, with their pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headway.charts.picture import Flag, Picture
from headway.metrics.models import AnnotationKind, Metric
from headway.web.context import Here
from headway.web.history import url


@dataclass(frozen=True)
class Marked:
    number: int
    flag: Flag
    url: str


def marking(here: Here, picture: Picture, metric: Metric | None) -> dict[str, Any]:
    """What `components/marks.html` shows under a chart, with a form for who may write."""
    writes = metric is not None and metric.archived_at is None and here.may_write
    return {
        "happened": _marked(here, picture),
        "mark_for": metric if writes else None,
        "mark_kinds": AnnotationKind.choices,
    }


def _marked(here: Here, picture: Picture) -> list[Marked]:
    """All of them, so that each number in the chart is said."""
    return [Marked(n, flag, url(here, flag.subject)) for n, flag in enumerate(picture.flags, 1)]
