"""Which metrics are watched, and how."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from headway.accounts.models import Workspace
from headway.alerting.graph import Graph
from headway.engine.definition import Definition
from headway.engine.period import Grain
from headway.engine.watching import Watching
from headway.metrics.happened.happenings import known_by
from headway.metrics.models import Metric
from headway.metrics.reading import grain_of
from headway.stats.alerts import Range
from headway.stats.history import Known

USUAL = Watching()


@dataclass(frozen=True)
class Watched:
    """`known` is what was written down of its days: an incident or holiday raises nothing."""

    metric: Metric
    definition: Definition
    known: tuple[Known, ...]
    leading: bool

    @property
    def grain(self) -> Grain:
        return grain_of(self.metric)

    @property
    def watching(self) -> Watching:
        return self.definition.alerts or USUAL

    @property
    def healthy(self) -> Range | None:
        found = self.definition.healthy
        if found is None or (found.at_least is None and found.at_most is None):
            return None
        return Range(found.at_least, found.at_most)

    @property
    def target(self) -> float | None:
        """Of its error budget: as its definition says, or what an uptime must be to be healthy."""
        if self.watching.target is not None:
            return self.watching.target
        least = self.definition.healthy.at_least if self.definition.healthy else None
        share = self.definition.kind == "uptime" and self.definition.limits == (0.0, 1.0)
        return least if share and least is not None and 0 < least < 1 else None

    @property
    def segments(self) -> list[str]:
        return self.definition.segments

    def seen(self, today: date) -> str:
        """Stands for all that its alerts rest on, without reading its points."""
        metric, own = self.metric, self.definition
        parts = (
            *(metric.refreshed_at, metric.version, metric.problem, metric.silences, today),
            *(own.healthy, own.alerts, own.direction, self.grain, self.leading, self.known),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def watched(workspace: Workspace, graph: Graph) -> list[Watched]:
    """KPIs, what running key results read, and guardrails; none whose alerts are off."""
    named = {*graph.key_results, *graph.guarding}
    rows = workspace.metrics.filter(Q(level="kpi") | Q(key__in=named), archived_at=None)
    metrics = list(rows.order_by("key"))
    for metric in metrics:
        metric.workspace = workspace
    known = known_by(metrics, Grain.day)
    return list(_watched(metrics, graph, known))


def _watched(
    metrics: list[Metric], graph: Graph, known: Mapping[int, tuple[Known, ...]]
) -> Iterator[Watched]:
    for metric in metrics:
        definition = graph.definitions.get(metric.key)
        if definition is None:
            continue
        found = Watched(metric, definition, known[metric.pk], graph.leading(metric.key))
        if found.watching.sensitivity != "off":
            yield found
