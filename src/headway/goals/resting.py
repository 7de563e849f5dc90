"""What would not be known without an event: metrics, and key results that are measured by them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from headway.accounts.models import Workspace
from headway.goals.models import KeyResult
from headway.metrics.models import Metric
from headway.metrics.resting import resting as metrics_resting


@dataclass(frozen=True)
class Resting:
    metrics: tuple[Metric, ...] = ()
    key_results: tuple[KeyResult, ...] = ()


NOTHING = Resting()


def resting(workspace: Workspace, events: Collection[str] | None = None) -> dict[str, Resting]:
    """By event; of these events, or of all that a metric names."""
    found = metrics_resting(workspace)
    wanted = {e: found[e] for e in found if events is None or e in events}
    asked = {metric.pk for metrics in wanted.values() for metric in metrics}
    goals: dict[int, list[KeyResult]] = defaultdict(list)
    rows = KeyResult.objects.filter(metric__in=asked, archived_at=None, objective__archived_at=None)
    for row in rows.select_related("objective", "metric").order_by("pk"):
        if row.metric_id:
            goals[row.metric_id].append(row)
    return {
        event: Resting(tuple(metrics), tuple(k for m in metrics for k in goals[m.pk]))
        for event, metrics in wanted.items()
    }
