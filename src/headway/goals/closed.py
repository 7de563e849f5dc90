"""What a closed cycle refuses: it stays as it was, until somebody opens it again."""

from __future__ import annotations

from headway.charts import formats
from headway.engine.errors import Conflict
from headway.goals.models import Close, Cycle, KeyResult, Objective


def require_open(row: Objective | KeyResult) -> None:
    """Raises Conflict for a goal that was closed, or would come into what its team has closed."""
    found = _close_of(row)
    if found is not None:
        raise _refusal(str(row), found)


def require_open_cycle(cycle: Cycle) -> None:
    found = Close.objects.filter(cycle=cycle, closed_at__isnull=False).first()
    if found is not None:
        raise _refusal(str(cycle), found)


def _close_of(row: Objective | KeyResult) -> Close | None:
    closes = Close.objects.filter(closed_at__isnull=False).select_related("team", "cycle")
    objective = row.objective if isinstance(row, KeyResult) else row
    own = None
    if isinstance(row, KeyResult):
        own = closes.filter(key_results__key_result=row).first() if row.pk else None
    elif row.pk:
        own = closes.filter(objectives__objective=row, cycle=row.cycle).first()
    return own or closes.filter(team=objective.team_id, cycle=row.cycle_id).first()


def _refusal(title: str, close: Close) -> Conflict:
    day = formats.day(close.closed_on) if close.closed_on else ""
    return Conflict(
        f"“{title}” cannot change: {close.team} closed {close.cycle} on {day}.",
        where="cycle",
        fix="What comes later is shown beside it. To correct it, reopen the cycle with a reason.",
    )
