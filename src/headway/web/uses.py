"""Who uses a metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headway.goals.models import KeyResult, Objective, Output
from headway.metrics.definitions import Named, around
from headway.metrics.models import Metric


@dataclass(frozen=True)
class Uses:
    """`read_by` are the metrics that are computed from it, `reads` those it is computed from."""

    key_results: Sequence[KeyResult]
    guarded: Sequence[Objective]
    read_by: Sequence[Named]
    reads: Sequence[Named]
    outputs: Sequence[Output]

    @staticmethod
    def of(metric: Metric) -> Uses:
        above, below = around(metric)
        return Uses(
            key_results=key_results_of(metric),
            guarded=list(metric.guards.filter(archived_at=None)),
            read_by=above,
            reads=below,
            outputs=list(metric.outputs.filter(archived_at=None)),
        )

    @property
    def nobody(self) -> bool:
        return not (self.key_results or self.guarded or self.read_by or self.outputs)


def key_results_of(metric: Metric) -> list[KeyResult]:
    living = metric.key_results.filter(archived_at=None, objective__archived_at=None)
    return list(living.select_related("objective", "cycle", "metric"))
