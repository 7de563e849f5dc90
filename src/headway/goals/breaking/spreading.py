"""A target broken down for good: over the time of its key result, its cycles, or its drivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from headway.accounts.models import Member
from headway.engine.errors import DefinitionError, NotFound, nearest
from headway.goals import actions
from headway.goals.breaking.suggestions import Parts, drivers_of
from headway.goals.models import Cycle, KeyResult, Over, Pace, Shape
from headway.goals.refresh import grain_of


def save_phases(
    found: KeyResult,
    parts: Parts,
    standing: Sequence[float],
    *,
    reason: str = "",
    by: Member | None,
    now: datetime,
) -> KeyResult:
    """Expects by the end of each part but the last, which has the target, that it stands there."""
    pairs = zip(parts.periods[:-1], standing[:-1], strict=True)
    return actions.save_key_result(
        found.objective,
        key=found.key,
        pace=Pace.phased,
        phases={period.last.isoformat(): value for period, value in pairs},
        reason=reason,
        by=by,
        now=now,
    )


@transaction.atomic
def save_cycles(
    found: KeyResult, parts: Parts, standing: Sequence[float], *, by: Member | None, now: datetime
) -> list[KeyResult]:
    """A key result for each part: what comes in within it, or where it stands at its end."""
    cycles = cycles_of(found, parts)
    if not cycles:
        raise DefinitionError(
            "The workspace has no cycle for each part.",
            fix="Make them first, or have the parts expected within this key result.",
        )
    before, made = found.baseline or 0.0, []
    for cycle, value in zip(cycles, standing, strict=True):
        target = value - before if parts.flow else value
        made.append(_part(found, cycle, target, by, now))
        before = value
    return made


@transaction.atomic
def save_drivers(
    found: KeyResult, targets: Mapping[str, float], *, by: Member | None, now: datetime
) -> list[KeyResult]:
    """A key result for each driver that has a target, by the driver's key."""
    drivers = {driver.metric.key: driver.metric for driver in drivers_of(found)}
    for key in targets.keys() - drivers.keys():
        raise NotFound(f"`{key}` is no driver of “{found}”.", fix=nearest(key, drivers))
    return [
        actions.save_key_result(
            found.objective,
            metric=drivers[key],
            shape=Shape.reach,
            target=target,
            over=Over.latest,
            grain=grain_of(found, found.objective.workspace),
            cycle=found.cycle,
            due=found.due,
            owner=found.owner,
            by=by,
            now=now,
        )
        for key, target in targets.items()
    ]


def rounded(value: float) -> float:
    """Four digits are enough for a suggestion."""
    return float(f"{value:.4g}")


def cycles_of(found: KeyResult, parts: Parts) -> list[Cycle]:
    """The cycles of the parts, where the workspace has one for each."""
    if len(parts.periods) < 2:
        return []
    here = {(c.starts, c.ends): c for c in found.objective.workspace.cycles.all()}
    cycles = [here.get((p.start, p.last)) for p in parts.periods]
    return [c for c in cycles if c is not None] if all(cycles) else []


def _part(
    found: KeyResult, cycle: Cycle, target: float, by: Member | None, now: datetime
) -> KeyResult:
    return actions.save_key_result(
        found.objective,
        title=f"{found}: {cycle}",
        metric=found.metric,
        shape=Shape.reach,
        target=target,
        over=found.over,
        over_n=found.over_n,
        grain=found.grain,
        cycle=cycle,
        due=cycle.ends,
        owner=found.owner,
        by=by,
        now=now,
    )
