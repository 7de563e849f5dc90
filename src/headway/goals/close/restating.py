"""What is measured of a closed cycle since: shown beside the frozen numbers, never instead."""

from __future__ import annotations

import math
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Prefetch, Q, QuerySet

from headway.accounts.models import Workspace
from headway.charts import formats
from headway.feed.record import record
from headway.goals.close import freezing
from headway.goals.close.closing import FROZEN, FROZEN_OBJECTIVE, objectives_of, parts_of
from headway.goals.models import CheckIn, ClosedKeyResult
from headway.goals.progress import Progress
from headway.goals.refresh import FOUND, Judge, columns, subject_of

SINCE = ("value_now", "progress_now", "restated_at")


@transaction.atomic
def restate(workspace: Workspace, *, now: datetime) -> int:
    """Looks at closed key results whose metric was refreshed since; says how many changed.

    What cannot be read any more says nothing new. One that was provisional becomes final on its
    day, with what is measured by then.
    """
    today = workspace.calendar.day_of(workspace.at(now))
    judge = Judge(workspace, today, now)
    changed = 0
    rows = list(_waiting(workspace, today))
    for row in rows:
        found = judge.progress(row.key_result, row.key_result.objective)
        if row.provisional_until is not None and row.provisional_until <= today:
            _finish(row, found, workspace, now)
            changed += 1
        elif found.value is not None and _differs(row, found):
            _restate(row, found, workspace, now)
            changed += 1
        row.seen_at = _refreshed_at(row)
    ClosedKeyResult.objects.bulk_update(rows, ["seen_at"])
    return changed


def _waiting(workspace: Workspace, today: date) -> QuerySet[ClosedKeyResult]:
    """What people typed or ticked is refused once a cycle is closed, and cannot differ."""
    typed = CheckIn.objects.filter(value__isnull=False).order_by("day", "at", "pk")
    seen = Q(seen_at=F("key_result__metric__refreshed_at"))
    rows = ClosedKeyResult.objects.filter(
        Q(seen_at=None) | ~seen | Q(provisional_until__lte=today),
        close__closed_at__isnull=False,
        key_result__metric__isnull=False,
        key_result__objective__workspace=workspace,
    )
    return rows.select_related(
        "close__cycle", "close__team", "key_result__metric", "key_result__cycle",
        "key_result__objective__workspace",
    ).prefetch_related(Prefetch("key_result__check_ins", typed))  # fmt: skip


def _refreshed_at(row: ClosedKeyResult) -> datetime | None:
    metric = row.key_result.metric
    return metric.refreshed_at if metric else None


def _finish(row: ClosedKeyResult, found: Progress, workspace: Workspace, now: datetime) -> None:
    before, key_result = _said(row.value, row), row.key_result
    for name, value in columns(found).items():
        setattr(key_result, name, value)
    key_result.save(update_fields=[name for name in FOUND if name != "refreshed_at"])
    freezing.freeze(row, workspace, now)
    row.provisional_until = None
    row.save(update_fields=FROZEN)
    _score_again(row)
    _record(row, "final value", before, _said(row.value, row), workspace, now)


def _score_again(row: ClosedKeyResult) -> None:
    objective = objectives_of(row.close).get(objective=row.key_result.objective)
    freezing.roll_up(objective, parts_of(objective))
    objective.save(update_fields=FROZEN_OBJECTIVE)


def _restate(row: ClosedKeyResult, found: Progress, workspace: Workspace, now: datetime) -> None:
    """Back at the frozen value, nothing is beside it any more."""
    same = _same(found.value, row.value) and _same(found.p, row.progress)
    row.value_now, row.progress_now = (None, None) if same else (found.value, found.p)
    row.restated_at = None if same else now
    row.save(update_fields=SINCE)
    _record(row, "restated", _said(row.value, row), _said(found.value, row), workspace, now)


def _differs(row: ClosedKeyResult, found: Progress) -> bool:
    """From what is known by now: the frozen numbers, or the last restatement."""
    restated = row.restated_at is not None
    value = row.value_now if restated else row.value
    progress = row.progress_now if restated else row.progress
    return not (_same(found.value, value) and _same(found.p, progress))


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def _said(value: float | None, row: ClosedKeyResult) -> str:
    metric = row.key_result.metric
    currency = row.key_result.objective.workspace.currency
    return formats.value(value, metric.unit if metric else "", currency)


def _record(
    row: ClosedKeyResult, what: str, before: str, after: str, workspace: Workspace, now: datetime
) -> None:
    record(
        workspace,
        subject=subject_of(row.key_result),
        title=str(row.key_result),
        what=what,
        before=before,
        after=after,
        why=f"Measured after {row.close.team} had closed {row.close.cycle}.",
        now=now,
    )
