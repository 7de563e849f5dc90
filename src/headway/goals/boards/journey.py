"""The customer's journey, stage by stage: what is healthy, and which jobs are underserved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from headway.accounts.models import Workspace
from headway.goals.boards.health import Health
from headway.metrics.journey import Capability, Stage
from headway.metrics.models import Metric, Point
from headway.metrics.reading import Tile, grain_of, latest_tiles
from headway.metrics.stages import JOURNEY, STAGES

IMPORTANCE, SATISFACTION, JOB = "job_importance", "job_satisfaction", "job"
"""Survey metrics, from 0 to 10, and the segment that tells one job from another."""

UNDERSERVED = 10.0
"""An opportunity from here on: importance + max(importance − satisfaction, 0)."""


CAPABILITIES: Mapping[str, tuple[str, ...]] = {
    "Availability": (
        "availability", "availability_by_outages", "availability_by_requests",
        "availability_nines", "error_budget_left",
    ),
    "Reliability": ("error_rate", "feature_tickets_per_1000_users"),
    "Performance": (
        "latency_p50", "latency_p95", "latency_p99", "page_load_p75", "upload_time_median",
        "task_time_median", "recovery_time_p90", "recovery_point_p90", "throughput",
    ),
    "Scalability": (
        "transactions_per_second", "transactions_per_second_peak", "capacity_in_use",
        "capacity_headroom",
    ),
    "Usability": (
        "task_completion_rate", "time_on_task_mean", "clicks_per_task", "task_errors_per_task",
        "task_rating", "task_rating_top_box",
    ),
    "Supportability": (
        "tickets_opened", "ticket_backlog", "tickets_reopened_rate", "time_to_resolution_mean",
        "time_to_resolution_median", "version_adoption", "time_to_upgrade_median",
        "steps_to_upgrade", "update_success_rate",
    ),
    "Security": (
        "open_security_findings", "time_to_remediate_median", "security_incidents",
        "privacy_requests_in_time",
    ),
    "Cost": ("cost_per_customer", "cost_per_gigabyte"),
}  # fmt: skip
"""Of operating, with the catalogue's KPIs."""


def usual() -> list[Stage]:
    """The stages of a workspace that has none of its own."""
    return [
        Stage(
            key=stage.name,
            name=stage.name.capitalize(),
            question=stage.question,
            family=stage.family,
            capabilities=_usual_capabilities() if stage.family == "creation/operation" else [],
        )
        for stage in STAGES
        if stage.part == JOURNEY
    ]


def stages_of(workspace: Workspace) -> list[Stage]:
    return msgspec.convert(workspace.journey, list[Stage]) if workspace.journey else usual()


@dataclass(frozen=True)
class Shelf:
    """A capability, or what a stage has beside its capabilities, with its KPIs."""

    key: str
    name: str
    tiles: Sequence[Tile]
    importance: float | None = None
    satisfaction: float | None = None

    @property
    def health(self) -> Health:
        return Health.of(self.tiles)

    @property
    def opportunity(self) -> float | None:
        if self.importance is None or self.satisfaction is None:
            return None
        return self.importance + max(self.importance - self.satisfaction, 0)

    @property
    def underserved(self) -> bool:
        return self.opportunity is not None and self.opportunity >= UNDERSERVED


@dataclass(frozen=True)
class Placed:
    stage: Stage
    shelves: Sequence[Shelf]

    @property
    def health(self) -> Health:
        return Health.of(tile for shelf in self.shelves for tile in shelf.tiles)


def board(workspace: Workspace, today: date) -> list[Placed]:
    """Four queries however many KPIs there are."""
    stages = stages_of(workspace)
    named = {key for s in stages for c in s.capabilities for key in c.metrics}
    metrics = workspace.metrics.filter(archived_at=None).order_by("name")
    shown = [m for m in metrics if m.level == "kpi" or m.key in named]
    tiles = {t.metric.key: t for t in latest_tiles(workspace, today, shown)}
    jobs = _jobs(metrics)
    return [Placed(stage, _shelves(stage, tiles, named, jobs)) for stage in stages]


def rows(found: Iterable[Placed]) -> Iterable[dict[str, Any]]:
    for placed in found:
        for shelf in placed.shelves:
            yield {
                "stage": placed.stage.key,
                "capability": shelf.key,
                "name": shelf.name,
                "health": shelf.health.word,
                "importance": shelf.importance,
                "satisfaction": shelf.satisfaction,
                "underserved": shelf.underserved,
                "kpis": {t.metric.key: t.value for t in shelf.tiles},
            }


def _shelves(
    stage: Stage, tiles: Mapping[str, Tile], named: set[str], jobs: Mapping[str, _Job]
) -> list[Shelf]:
    found = [_shelf(stage, capability, tiles, jobs) for capability in stage.capabilities]
    there = {t.metric.key for shelf in found for t in shelf.tiles}
    rest = [
        tile
        for key, tile in tiles.items()
        if key not in there | named and stage.family and tile.metric.family == stage.family
    ]
    return [*found, *([Shelf("", "Other KPIs" if found else "KPIs", rest)] if rest else [])]


def _shelf(
    stage: Stage, capability: Capability, tiles: Mapping[str, Tile], jobs: Mapping[str, _Job]
) -> Shelf:
    family = f"{stage.family}/{capability.key}"
    chosen = [
        tile
        for key, tile in tiles.items()
        if key in capability.metrics or (stage.family and tile.metric.family == family)
    ]
    job = jobs.get(capability.job or capability.key, _Job())
    return Shelf(capability.key, capability.name, chosen, job.importance, job.satisfaction)


@dataclass(frozen=True)
class _Job:
    importance: float | None = None
    satisfaction: float | None = None


def _jobs(metrics: Iterable[Metric]) -> dict[str, _Job]:
    """By job, what its last complete period of the survey says."""
    survey = [m for m in metrics if m.key in (IMPORTANCE, SATISFACTION)]
    found: dict[str, dict[str, float]] = {}
    for metric in survey:
        points = Point.objects.filter(
            metric=metric,
            grain=grain_of(metric),
            segment_by=JOB,
            complete=True,
            value__isnull=False,
        )
        for job, value in points.order_by("start").values_list("segment", "value"):
            if value is not None:
                found.setdefault(job, {})[metric.key] = value
    return {job: _Job(v.get(IMPORTANCE), v.get(SATISFACTION)) for job, v in found.items()}


def _usual_capabilities() -> list[Capability]:
    return [
        Capability(key=name.lower(), name=name, metrics=list(keys))
        for name, keys in CAPABILITIES.items()
    ]
