"""From a KPI to a key result: a draft whose numbers are measured, and say where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import quantiles

from headway.charts import formats
from headway.engine.period import Grain
from headway.goals.fields import KeyResultFields
from headway.goals.models import Cycle, Shape
from headway.goals.reading import DAY, Reading, Readings, reading_on, readings
from headway.metrics.models import Metric
from headway.metrics.reading import series

FEWEST_MOVES = 6
"""Under this many past moves, "one time in three" says nothing."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """`typed` says that the value has to be kept as given: a refresh could not measure it."""

    value: float | None
    through: date | None
    words: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    value: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A key result ready to be looked over and saved."""

    metric: Metric
    cycle: Cycle
    title: str
    shape: Shape
    grain: Grain
    baseline: Baseline
    target: Target
    at_least: float | None
    at_most: float | None
    due: date
    guardrails: tuple[Metric, ...]

    @property
    def fields(self) -> KeyResultFields:
        """What `save_key_result` takes."""
        return {
            "title": self.title,
            "metric": self.metric,
            "shape": self.shape,
            "baseline_typed": self.baseline.value if self.baseline.typed else None,
            "target": self.target.value,
            "at_least": self.at_least,
            "at_most": self.at_most,
            "grain": self.grain,
            "cycle": self.cycle,
            "due": self.due,
        }


def draft(metric: Metric, cycle: Cycle, *, now: datetime) -> Draft:
    """A metric without a direction becomes something to keep within its healthy range."""
    workspace = cycle.workspace
    grain = Grain(metric.profile.get("grain") or workspace.grain)
    today = workspace.calendar.day_of(workspace.at(now))
    history = _history(metric, grain, cycle, today)
    baseline = _baseline(history, grain, cycle, today)
    moving = metric.direction != "none"
    healthy = {} if moving else metric.profile.get("healthy") or {}
    return Draft(
        metric=metric,
        cycle=cycle,
        title=metric.name,
        shape=Shape.reach if moving else Shape.keep,
        grain=grain,
        baseline=baseline,
        target=_target(metric, grain, cycle, baseline, history) if moving else _bounds(healthy),
        at_least=healthy.get("at_least"),
        at_most=healthy.get("at_most"),
        due=cycle.ends,
        guardrails=_guardrails(metric),
    )


def gain_one_in_three(
    values: Sequence[float | None], length: int, *, up: bool
) -> tuple[float, int] | None:
    """What past moves over `length` periods bettered one time in three, and how many there were.

    None when the history is shorter than twice that length, or holds too few moves.
    """
    sign = 1 if up else -1
    pairs = zip(values, values[length:], strict=False)
    gains = [sign * (b - a) for a, b in pairs if a is not None and b is not None]
    if len(gains) < max(FEWEST_MOVES, length):
        return None
    return quantiles(gains, n=3, method="inclusive")[1], len(gains)


def _history(metric: Metric, grain: Grain, cycle: Cycle, today: date) -> Readings:
    points = [p for p in series(metric, grain).of() if p.end <= today]
    return readings(points, "latest", None, cycle.starts)


def _baseline(history: Readings, grain: Grain, cycle: Cycle, today: date) -> Baseline:
    """As a refresh measures it. When it could not, the last value there is, kept as if typed."""
    before = reading_on(history, cycle.starts - DAY)
    if before is not None and before.value is not None:
        again = " It is measured again when the cycle opens." if today < cycle.starts else ""
        words = f"Measured: the last complete {grain} before the cycle opens, {_days(before)}."
        return Baseline(before.value, before.through, words + again)
    known = [r for r in history if r.value is not None and r.through >= cycle.starts]
    if known:
        words = (
            f"No {grain} before the cycle has a value: the last complete one, {_days(known[-1])}."
        )
        return Baseline(known[-1].value, known[-1].through, words, typed=True)
    why = before.reason if before else f"No {grain} is complete yet."
    return Baseline(None, None, f"{why} Type where it stands.")


def _target(
    metric: Metric, grain: Grain, cycle: Cycle, baseline: Baseline, history: Readings
) -> Target:
    if baseline.value is None:
        return Target(None, "Without a baseline there is nothing to suggest.")
    up = metric.direction == "up"
    length = _periods(cycle, grain)
    values = [r.value for r in history]
    found = gain_one_in_three(values, length, up=up)
    span = f"{length} {grain}{'s' if length > 1 else ''}"
    if found is None:
        return Target(None, f"Its history is too short to compare moves over {span}.")
    gain, moves = found
    aim = _within(metric, values, baseline.value + (gain if up else -gain))
    if gain <= 0 or aim == baseline.value:
        return Target(None, f"Over {span} it seldom got better in the past: choose a target.")
    words = (
        f"Suggested: one in three of its {moves} past moves over {span} was at least this large."
        " They overlap, and the past may not repeat."
    )
    return Target(_rounded(aim, baseline.value), words)


def _bounds(healthy: dict[str, float]) -> Target:
    if "at_least" in healthy or "at_most" in healthy:
        return Target(None, "The bounds are the KPI's healthy range.")
    return Target(None, "The KPI has no direction and no healthy range: type the bounds to keep.")


def _within(metric: Metric, values: Sequence[float | None], aim: float) -> float:
    """What was never negative stays so, and a share stays under 100 %."""
    known = [v for v in values if v is not None]
    if min(known) >= 0:
        aim = max(aim, 0.0)
    return min(aim, 1.0) if metric.unit == "percent" and max(known) <= 1 else aim


def _rounded(aim: float, baseline: float) -> float:
    """Three significant digits, unless that would undo the move."""
    rounded = float(f"{aim:.3g}")
    return rounded if (rounded - baseline) * (aim - baseline) > 0 else aim


def _periods(cycle: Cycle, grain: Grain) -> int:
    """How many periods lie between the baseline and the end of the cycle."""
    whole = cycle.workspace.calendar.periods(cycle.starts, cycle.ends + DAY, grain)
    return max(1, sum(p.start >= cycle.starts and p.last <= cycle.ends for p in whole))


def _guardrails(metric: Metric) -> tuple[Metric, ...]:
    """What objectives of this workspace already watch beside the KPI."""
    watched = Metric.objects.filter(
        workspace=metric.workspace,
        archived_at=None,
        guards__archived_at=None,
        guards__key_results__metric=metric,
    )
    return tuple(watched.exclude(pk=metric.pk).order_by("name").distinct())


def _days(reading: Reading) -> str:
    return formats.days(reading.start, reading.through)
