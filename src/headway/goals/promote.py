"""From a KPI to a key result: a draft whose numbers are measured, and say where they come from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from headway.charts import formats
from headway.engine.period import Grain
from headway.goals.ahead.ambition import NAMES, Past
from headway.goals.fields import KeyResultFields
from headway.goals.models import Cycle, Over, Shape
from headway.goals.reading import DAY, Reading, Readings, reading_on, readings
from headway.metrics.catalogue import templates
from headway.metrics.models import Metric
from headway.metrics.packs import packs
from headway.metrics.reading import series

MEAN_OF = 4
"""So many periods a mean of periods has."""

TOO_SHORT = "Its history is too short to compare moves over {}."


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
class Level:
    """A level of ambition: a target, and how often past moves of equal length got there.

    `chance` is that if nothing changes, over `moves` past windows; None: too few to tell. `better`
    than the baseline is what a goal can ask for; `met` is where it stands today or beyond.
    """

    name: str
    value: float | None
    chance: float | None
    moves: int
    words: str
    better: bool = False
    met: bool = False

    @property
    def title(self) -> str:
        return NAMES[self.name]


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
    over: Over = Over.latest
    levels: tuple[Level, ...] = ()

    @property
    def over_n(self) -> int | None:
        return MEAN_OF if self.over == Over.mean else None

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
            "over": self.over,
            "over_n": self.over_n,
            "grain": self.grain,
            "cycle": self.cycle,
            "due": self.due,
        }


def draft(metric: Metric, cycle: Cycle, *, now: datetime, mean: bool = False) -> Draft:
    """With `mean`, it starts from and is read as the mean of the last periods.

    A metric without a direction becomes something to keep within its healthy range.
    """
    workspace = cycle.workspace
    grain = Grain(metric.profile.get("grain") or workspace.grain)
    today = workspace.calendar.day_of(workspace.at(now))
    history = _history(metric, grain, cycle, today, mean=mean)
    baseline = _baseline(history, grain, cycle, today, mean=mean)
    moving = metric.direction != "none"
    healthy = {} if moving else metric.profile.get("healthy") or {}
    levels, target = _ambition(metric, grain, cycle, baseline, history)
    return Draft(
        metric=metric,
        cycle=cycle,
        title=metric.name,
        shape=Shape.reach if moving else Shape.keep,
        grain=grain,
        baseline=baseline,
        target=target if moving else _bounds(healthy),
        at_least=healthy.get("at_least"),
        at_most=healthy.get("at_most"),
        due=cycle.ends,
        guardrails=_guardrails(metric),
        over=Over.mean if mean else Over.latest,
        levels=levels if moving else (),
    )


def _ambition(
    metric: Metric, grain: Grain, cycle: Cycle, baseline: Baseline, history: Readings
) -> tuple[tuple[Level, ...], Target]:
    start = baseline.value
    if start is None:
        return (), Target(None, "Without a baseline there is nothing to suggest.")
    values = [r.value for r in history]
    up = metric.direction == "up"
    past = Past.of(values, _periods(cycle, grain), grain.value, up=up)
    levels = tuple(_level(name, metric, values, start, past) for name in NAMES)
    return levels, _target(levels, past.span)


def _level(
    name: str, metric: Metric, values: Sequence[float | None], baseline: float, past: Past
) -> Level:
    gain, span = past.gain(name), past.span
    if gain is None:
        return Level(name, None, None, len(past.moves), TOO_SHORT.format(span))
    sign = 1 if metric.direction == "up" else -1
    value = _rounded(_within(metric, values, baseline + sign * gain), baseline)
    better, met = sign * (value - baseline) > 0, sign * (_last(values) - value) >= 0
    chance = past.chance(sign * (value - baseline))
    reached = round(chance * len(past.moves))
    words = (
        f"{reached} of its {len(past.moves)} past moves over {span} went at least so far,"
        f" {formats.percent(round(chance, 2))} if nothing changes."
    )
    if better and met:
        words += " It stands there or beyond already."
    return Level(name, value, chance, len(past.moves), words, better, met)


def _last(values: Sequence[float | None]) -> float:
    return next((v for v in reversed(values) if v is not None), math.nan)


def _history(metric: Metric, grain: Grain, cycle: Cycle, today: date, *, mean: bool) -> Readings:
    points = [p for p in series(metric, grain).of() if p.end <= today]
    return readings(points, "mean" if mean else "latest", MEAN_OF, cycle.starts)


def _baseline(
    history: Readings, grain: Grain, cycle: Cycle, today: date, *, mean: bool
) -> Baseline:
    """As a refresh measures it. When it could not, the last value there is, kept as if typed."""
    what = (
        f"the mean of the last {MEAN_OF} complete {grain}s"
        if mean
        else f"the last complete {grain}"
    )
    before = reading_on(history, cycle.starts - DAY)
    if before is not None and before.value is not None:
        again = " It is measured again when the cycle opens." if today < cycle.starts else ""
        until = f", through {formats.day(before.through)}." if mean else f", {_days(before)}."
        words = f"Measured: {what} before the cycle opens{until}"
        return Baseline(before.value, before.through, words + again)
    known = [r for r in history if r.value is not None and r.through >= cycle.starts]
    if known:
        words = (
            f"No {grain} before the cycle has a value: the last complete one, {_days(known[-1])}."
        )
        return Baseline(known[-1].value, known[-1].through, words, typed=True)
    why = before.reason if before else f"No {grain} is complete yet."
    return Baseline(None, None, f"{why} Type where it stands.")


def _target(levels: Sequence[Level], span: str) -> Target:
    """The stretch, unless something else is chosen."""
    stretch = next(level for level in levels if level.name == "stretch")
    if stretch.value is None:
        return Target(None, stretch.words)
    if not stretch.better:
        return Target(None, f"Over {span} it seldom got better in the past: choose a target.")
    if stretch.met:
        return Target(None, "It stands beyond the stretch already: choose a bolder target.")
    words = (
        f"Suggested: one in three of its {stretch.moves} past moves over {span} was at least this"
        " large. They overlap, and the past may not repeat."
    )
    return Target(stretch.value, words)


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
    """The catalogue's usual ones that are here, and what objectives already watch beside it."""
    beside = Metric.objects.filter(
        guards__archived_at=None, guards__key_results__metric=metric
    ).values("pk")
    here = Metric.objects.filter(workspace=metric.workspace, archived_at=None)
    wanted = here.filter(Q(pk__in=beside) | Q(key__in=usual_guardrails(metric.key)))
    return tuple(wanted.exclude(pk=metric.pk).order_by("name"))


def usual_guardrails(key: str) -> set[str]:
    """What the catalogue and its packs watch beside the metric of that key."""
    found = {g for one in templates() if one.key == key for g in one.guardrails}
    for pack in packs():
        found |= {g for kpi in pack.kpis if kpi.metric == key for g in pack.guardrails(kpi)}
    return found


def _days(reading: Reading) -> str:
    return formats.days(reading.start, reading.through)
