"""The adoption funnel with its advice: the first unhealthy stage, counted from retention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from headway.accounts.models import Workspace
from headway.charts import formats
from headway.engine.period import Grain
from headway.engine.series import WHOLE, Point
from headway.goals.boards.health import Health
from headway.goals.models import Cycle, KeyResult, Output, OutputStatus
from headway.metrics.models import Metric
from headway.metrics.models import Point as Row
from headway.metrics.reading import Tile, latest_tiles
from headway.metrics.rows import numbers
from headway.metrics.stages import FUNNEL, STAGES, Stage

RETENTION = "capture/retention"
GRAIN = Grain.month

VOLUMES: Mapping[str, tuple[str, ...]] = {
    "capture/awareness": ("unique_visitors", "visitors", "website_visits"),
    "capture/interest": ("leads_generated", "leads", "enquiries", "downloads", "demos"),
    "capture/acquisition": ("new_sign_ups", "signups", "new_customers"),
    "capture/activation": ("monthly_active_users", "active_users", "weekly_active_users"),
    "capture/monetization": ("purchasing_customers", "paying_customers", "customers"),
    "capture/retention": ("repeat_customers", "repeat_shops"),
}
"""Which metric says how many a stage has: the first that the workspace measures."""


@dataclass(frozen=True)
class Step:
    """A stage with its KPIs. `many` of the last month that all stages have; `effort` of the cycle.

    `conversion` compares with the stage before in the same month: not the same people.
    """

    stage: Stage
    tiles: Sequence[Tile]
    key_results: int
    outputs: int
    counted: Metric | None = None
    many: Point | None = None
    conversion: float | None = None

    @property
    def health(self) -> Health:
        return Health.of(self.tiles)

    @property
    def effort(self) -> int:
        return self.key_results + self.outputs

    @property
    def sick(self) -> list[Tile]:
        return [tile for tile in self.tiles if tile.health == "out of range"]


@dataclass(frozen=True)
class Funnel:
    steps: Sequence[Step]
    currency: str

    @property
    def first_to_fix(self) -> Step | None:
        """Counted from retention upwards."""
        return next((s for s in reversed(self.steps) if s.health.word == "out of range"), None)

    @property
    def advice(self) -> str:
        first = self.first_to_fix
        if first is not None:
            return f"Fix {first.stage.name} first: {self._numbers(first.sick)}."
        unknown = [s.stage.name for s in self.steps if s.health.word in ("unknown", "no range")]
        if unknown:
            return f"Nothing is known to be unhealthy, but {_listed(unknown)} cannot be judged."
        return "Every stage is healthy."

    @property
    def warning(self) -> str:
        """Effort above an unhealthy retention, with the numbers."""
        retention = self.steps[-1]
        above = sum(step.effort for step in self.steps[:-1])
        if retention.health.word != "out of range" or not above:
            return ""
        return (
            f"{above} of {above + retention.effort} key results and outputs work above "
            f"retention, while retention is unhealthy: {self._numbers(retention.sick)}. "
            "What is won at the top leaks out at the bottom."
        )

    def rows(self) -> Iterable[dict[str, Any]]:
        for step in self.steps:
            yield {
                "stage": step.stage.name,
                "health": step.health.word,
                "kpis": {t.metric.key: t.value for t in step.tiles},
                "counted": step.counted.key if step.counted else None,
                "month": step.many.start.isoformat() if step.many else None,
                "many": step.many.value if step.many else None,
                "conversion": step.conversion,
                "key_results": step.key_results,
                "outputs": step.outputs,
                "fix_first": step is self.first_to_fix,
            }

    def _numbers(self, tiles: Sequence[Tile]) -> str:
        shown = [f"{t.metric} is {self._value(t, t.value)}{self._range(t)}" for t in tiles[:3]]
        more = len(tiles) - len(shown)
        return ", ".join(shown) + (f", and {more} more" if more else "")

    def _range(self, tile: Tile) -> str:
        bounds = tile.metric.profile.get("healthy") or {}
        low, high = bounds.get("at_least"), bounds.get("at_most")
        said = [f"at least {self._value(tile, low)}" if low is not None else ""]
        said.append(f"at most {self._value(tile, high)}" if high is not None else "")
        return f" (healthy: {' and '.join(filter(None, said))})"

    def _value(self, tile: Tile, amount: float | None) -> str:
        return formats.value(amount, tile.metric.unit, self.currency)


def funnel(workspace: Workspace, today: date, cycle: Cycle | None) -> Funnel:
    """With the effort of the cycle: its key results, and outputs that are planned or built."""
    metrics = list(workspace.metrics.filter(archived_at=None).order_by("name"))
    stages = [stage for stage in STAGES if stage.part == FUNNEL]
    families = {m.pk: m.family for m in metrics}
    tiles = latest_tiles(workspace, today, [m for m in metrics if m.level == "kpi"])
    key_results = _key_results(workspace, cycle, families)
    outputs = _outputs(workspace, families)
    counted = _counted(metrics)
    months = _months(counted.values())
    month = _common(months)
    steps: list[Step] = []
    for stage in stages:
        metric = counted.get(stage.family)
        many = months.get(metric.pk, {}).get(month) if metric and month else None
        steps.append(
            Step(
                stage,
                [t for t in tiles if t.metric.family == stage.family],
                key_results[stage.family],
                outputs[stage.family],
                metric,
                many,
                _conversion(steps[-1].many if steps else None, many),
            )
        )
    return Funnel(steps, workspace.currency)


def _key_results(
    workspace: Workspace, cycle: Cycle | None, families: Mapping[int, str]
) -> Counter[str]:
    rows = KeyResult.objects.filter(
        objective__workspace=workspace, archived_at=None, objective__archived_at=None
    )
    found = rows.filter(cycle=cycle) if cycle else rows
    return Counter(families.get(pk or 0, "") for pk in found.values_list("metric", flat=True))


def _outputs(workspace: Workspace, families: Mapping[int, str]) -> Counter[str]:
    """An output counts once for each stage that it should move."""
    waiting = (OutputStatus.planned, OutputStatus.building)
    rows = Output.objects.filter(workspace=workspace, archived_at=None, status__in=waiting)
    pairs = {(pk, families.get(metric or 0, "")) for pk, metric in rows.values_list("pk", "moves")}
    return Counter(family for _, family in pairs)


def _counted(metrics: Iterable[Metric]) -> dict[str, Metric]:
    known = {m.key: m for m in metrics}
    found = {family: next((k for k in keys if k in known), "") for family, keys in VOLUMES.items()}
    return {family: known[key] for family, key in found.items() if key}


def _months(metrics: Iterable[Metric]) -> dict[int, dict[date, Point]]:
    rows = Row.objects.filter(
        metric__in=list(metrics), grain=GRAIN, segment_by="", segment=WHOLE, complete=True,
        value__isnull=False,
    )  # fmt: skip
    found: dict[int, dict[date, Point]] = {}
    for pk, point in numbers(rows):
        found.setdefault(pk, {})[point.start] = point
    return found


def _common(months: Mapping[int, Mapping[date, Point]]) -> date | None:
    """The last month of which every counted stage has a number."""
    shared = set.intersection(*(set(m) for m in months.values())) if months else set()
    return max(shared, default=None)


def _conversion(before: Point | None, now: Point | None) -> float | None:
    if before is None or now is None or not before.value or now.value is None:
        return None
    return now.value / before.value


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
