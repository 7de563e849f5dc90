"""Who uses a metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from headway.engine.kinds import parse
from headway.goals.models import KeyResult, Objective
from headway.metrics.models import Definition, Metric


@dataclass(frozen=True)
class Uses:
    """`read_by` are the metrics that are computed from it, `reads` those it is computed from."""

    key_results: Sequence[KeyResult]
    guarded: Sequence[Objective]
    read_by: Sequence[Metric]
    reads: Sequence[Metric]

    @staticmethod
    def of(metric: Metric) -> Uses:
        latest = _latest(metric)
        inputs = {d.metric.key: _inputs(d) for d in latest}
        metrics = [d.metric for d in latest]
        return Uses(
            list(
                metric.key_results.filter(archived_at=None).select_related(
                    "objective", "cycle", "metric"
                )
            ),
            list(metric.guards.filter(archived_at=None)),
            [m for m in metrics if metric.key in inputs[m.key]],
            [m for m in metrics if m.key in inputs.get(metric.key, ())],
        )

    @property
    def nobody(self) -> bool:
        return not (self.key_results or self.guarded or self.read_by)


def _latest(metric: Metric) -> list[Definition]:
    """The definition now in force of every metric of the workspace."""
    now = Definition.objects.filter(metric__workspace=metric.workspace_id, metric__archived_at=None)
    return list(now.filter(version=F("metric__version")).select_related("metric"))


def _inputs(definition: Definition) -> tuple[str, ...]:
    return parse({**definition.body, "key": definition.metric.key}).inputs()
