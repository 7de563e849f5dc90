"""Findings of the coach that are waived, one by one, and taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from headway.accounts import gate
from headway.accounts.models import Member
from headway.coach.rules import KEY_RESULT_RULES, KPI_RULES, OBJECTIVE_RULES
from headway.engine.errors import DefinitionError, NotFound, nearest
from headway.feed.record import record
from headway.goals import checks
from headway.goals.models import KeyResult, Objective, Waiver
from headway.goals.refresh import subject_of
from headway.metrics.actions import save_metric
from headway.metrics.models import Metric

Goal = Objective | KeyResult
WAIVABLE = {Objective: OBJECTIVE_RULES, KeyResult: KEY_RESULT_RULES, Metric: KPI_RULES}
LONGEST = 300


@transaction.atomic
def waive(
    goal: Goal,
    code: str,
    reason: str,
    *,
    by: Member | None,
    now: datetime,
    managed: bool = False,
) -> Waiver:
    """Silences a rule for one goal. The reason is shown to all; a new one replaces the old."""
    _allowed(goal, by, managed)
    check(goal, code, reason)
    before = waivers_of(goal).filter(code=code).first()
    said = {"reason": reason.strip(), "by": by.person if by else None, "at": now}
    waiver, _ = Waiver.objects.update_or_create(**_of(goal), code=code, defaults=said)
    if before is None or before.reason != waiver.reason:
        _record(goal, code, before.reason if before else "", waiver.reason, by, now)
    return waiver


@transaction.atomic
def take_up(
    goal: Goal, code: str, *, by: Member | None, now: datetime, managed: bool = False
) -> None:
    """Lets the coach speak again."""
    _allowed(goal, by, managed)
    waiver = waivers_of(goal).filter(code=code).first()
    if waiver is None:
        raise NotFound(f"`{code}` is not waived for “{goal}”.", where="code")
    waiver.delete()
    _record(goal, code, waiver.reason, "", by, now)


def settle(
    goal: Goal,
    wanted: Mapping[str, str],
    *,
    by: Member | None,
    now: datetime,
    managed: bool = False,
) -> None:
    """Makes the waivers of a goal exactly these, reasons by code; what is the same stays."""
    present = {w.code: w.reason for w in waivers_of(goal)}
    for code in present.keys() - wanted.keys():
        take_up(goal, code, by=by, now=now, managed=managed)
    for code, reason in wanted.items():
        if present.get(code) != reason.strip():
            waive(goal, code, reason, by=by, now=now, managed=managed)


def waive_kpi(
    metric: Metric, code: str, reason: str, *, by: Member | None, now: datetime
) -> Metric:
    """Kept in its definition, so that files and the API say it as they say everything of it."""
    gate.require(by, "write", metric.workspace)
    check(metric, code, reason)
    waived = {**metric.definition.waived, code: reason.strip()}
    document = {**metric.document, "waived": waived}
    return save_metric(metric.workspace, document, by=by, now=now)


def take_up_kpi(metric: Metric, code: str, *, by: Member | None, now: datetime) -> Metric:
    gate.require(by, "write", metric.workspace)
    waived = dict(metric.definition.waived)
    if waived.pop(code, None) is None:
        raise NotFound(f"`{code}` is not waived for “{metric}”.", where="code")
    document = {**metric.document, "waived": waived}
    return save_metric(metric.workspace, document, by=by, now=now)


def waivers_of(goal: Goal) -> QuerySet[Waiver]:
    """Those of an objective's own words leave out those of its key results."""
    if isinstance(goal, KeyResult):
        return Waiver.objects.filter(key_result=goal)
    return Waiver.objects.filter(objective=goal, key_result=None)


def check(goal: Goal | Metric, code: str, reason: str) -> None:
    known = known_codes(type(goal))
    if code not in known:
        raise DefinitionError(
            f"The coach has no rule `{code}` for this goal.",
            where="code",
            fix=nearest(code, known) or "Its findings name their codes.",
        )
    if not reason.strip() or len(reason.strip()) > LONGEST:
        raise DefinitionError(
            "A waiver needs a reason." if not reason.strip() else "The reason is too long.",
            where="reason",
            fix=f"Say in up to {LONGEST} characters why it is right as it is.",
        )


def known_codes(of: type[Goal | Metric]) -> list[str]:
    return [rule.code for rule in WAIVABLE[of]]


def _of(goal: Goal) -> dict[str, Any]:
    if isinstance(goal, KeyResult):
        return {"objective": goal.objective, "key_result": goal}
    return {"objective": goal, "key_result": None}


def _allowed(goal: Goal, by: Member | None, managed: bool) -> None:
    workspace = (goal.objective if isinstance(goal, KeyResult) else goal).workspace
    gate.require(by, "write", workspace)
    checks.present(goal)
    checks.writable(goal, workspace, managed)


def _record(
    goal: Goal, code: str, before: str, after: str, by: Member | None, now: datetime
) -> None:
    workspace = (goal.objective if isinstance(goal, KeyResult) else goal).workspace
    record(
        workspace,
        subject=subject_of(goal),
        title=str(goal),
        what=f"waived {code}",
        before=before,
        after=after,
        by=by,
        now=now,
    )
