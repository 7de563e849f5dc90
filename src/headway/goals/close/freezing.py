"""The numbers of a closed cycle: taken once, final when their windows have matured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from headway.accounts.models import Workspace
from headway.engine.definition import Definition, duration
from headway.engine.period import Period
from headway.goals import scoring
from headway.goals.aims import is_aspirational
from headway.goals.models import ClosedKeyResult, ClosedObjective, KeyResult, Objective
from headway.goals.progress import Status
from headway.goals.reading import DAY
from headway.goals.refresh import grain_of
from headway.metrics.definitions import closure, definitions_of

TAKEN = ("baseline", "aim", "value", "value_through", "progress", "status")
"""Columns of a key result that are frozen as they are."""


def freeze(row: ClosedKeyResult, workspace: Workspace, now: datetime) -> None:
    """As the last pass found it; not saved. `as_of` is the workspace's present."""
    key_result = row.key_result
    for name in TAKEN:
        setattr(row, name, getattr(key_result, name))
    row.said = key_result.reason
    row.score = scoring.score(key_result.progress)
    row.definition_version = key_result.metric.version if key_result.metric else None
    row.as_of = workspace.at(now)
    row.value_now = row.progress_now = row.restated_at = None


def roll_up(row: ClosedObjective, parts: Iterable[ClosedKeyResult]) -> None:
    """The weighted mean of the scores that count; not saved."""
    found = list(parts)
    whole = scoring.roll_up(
        [scoring.Part(Status(p.status), p.counts, p.key_result.weight) for p in found]
    )
    row.score, row.status, row.unknown_count = whole.progress, whole.status.value, whole.unknown
    row.aspirational = _aspirational(row.objective, [p.key_result for p in found])


def settles_on(
    key_result: KeyResult, definitions: Mapping[str, Definition], present: datetime
) -> date | None:
    """The day on which the last period before the due date is complete; None: it is by now."""
    metric = key_result.metric
    if metric is None or metric.key not in definitions:
        return None
    workspace = key_result.objective.workspace
    period = _last_period(key_result, workspace)
    if period is None:
        return None
    behind = closure(metric.key, definitions).values()
    calendar = workspace.calendar
    at = max(d.matures(period, calendar) + duration(d.grace or "0 s") for d in behind)
    if at <= present:
        return None
    day = calendar.day_of(at)
    return day if calendar.instant(day) == at else day + DAY


def settling(workspace: Workspace, rows: Iterable[ClosedKeyResult], present: datetime) -> None:
    """Says of each until when it is provisional; not saved."""
    definitions = definitions_of(workspace)
    for row in rows:
        row.provisional_until = settles_on(row.key_result, definitions, present)


def _last_period(key_result: KeyResult, workspace: Workspace) -> Period | None:
    """Whole periods only count until the due date; they may begin before the cycle."""
    opens, due, grain = key_result.cycle.starts, key_result.due, grain_of(key_result, workspace)
    periods = workspace.calendar.periods(opens, due + timedelta(days=1), grain)
    return next((p for p in reversed(periods) if p.last <= due), None)


def _aspirational(objective: Objective, key_results: Iterable[KeyResult]) -> bool:
    """By its own word; one of graded goals alone aims as high."""
    judged = [is_aspirational(k, objective) for k in key_results]
    return objective.ambition == "aspirational" or (bool(judged) and all(judged))
