"""Back from key result to KPI: what was reached is watched from now on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError
from headway.feed.record import record
from headway.goals import checks
from headway.goals.models import KeyResult
from headway.goals.refresh import subject_of
from headway.metrics.actions import save_metric
from headway.metrics.models import Metric

BOUNDS = ("at_least", "at_most")


@transaction.atomic
def hand_back(
    key_result: KeyResult,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    note: str = "",
    by: Member | None,
    now: datetime,
) -> Metric:
    """Once it is due, its metric is a KPI that somebody owns, and watched within these bounds.

    The points stay where they are: one series before, during and after. Bounds that are left out
    stay as they were.
    """
    workspace = key_result.objective.workspace
    gate.require(by, "write", workspace)
    metric = _can_hand_back(key_result, workspace, now)
    healthy = {n: v for n, v in zip(BOUNDS, (at_least, at_most), strict=True) if v is not None}
    for name, value in healthy.items():
        checks.finite(name, value)
    document = {**metric.document, "level": "kpi"}
    document["healthy"] = {**(document.get("healthy") or {}), **healthy}
    if not document["owner"] and key_result.owner:
        document["owner"] = key_result.owner.person.email
    if not document["healthy"]:
        del document["healthy"]
    if document != metric.document:
        metric = save_metric(workspace, document, note=note, by=by, now=now)
    key_result.handed_back_at = now
    key_result.save(update_fields=["handed_back_at"])
    title, subject = str(key_result), subject_of(key_result)
    record(workspace, subject=subject, title=title, what="handed_back", why=note, by=by, now=now)
    return metric


def _can_hand_back(key_result: KeyResult, workspace: Workspace, now: datetime) -> Metric:
    checks.present(key_result)
    metric = key_result.metric
    if metric is None:
        raise DefinitionError(
            "Nothing measures this key result, so there is no KPI to go back to.", where="metric"
        )
    if key_result.handed_back_at is not None:
        raise Conflict(f"“{key_result}” was handed back already.")
    if workspace.calendar.day_of(workspace.at(now)) < key_result.due:
        raise Conflict(
            f"“{key_result}” runs until {key_result.due}.",
            fix="Hand it back when it is due; to give it up before that, archive it.",
        )
    return metric
