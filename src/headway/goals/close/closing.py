"""Closing a cycle for a team: answered step by step, frozen at once, reopened with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from headway.accounts import gate
from headway.accounts.models import Member, Role, Team, Workspace
from headway.charts import formats
from headway.engine.errors import Conflict, DefinitionError, NotAllowed, NotFound, nearest
from headway.feed.record import record
from headway.goals.close import answers, freezing, handing
from headway.goals.models import (
    Choice,
    Close,
    ClosedKeyResult,
    ClosedObjective,
    Cycle,
    KeyResult,
    Objective,
)
from headway.goals.refresh import refresh, subject_of

FROZEN = (
    *freezing.TAKEN,
    *("said", "score", "definition_version", "as_of", "provisional_until"),
    *("value_now", "progress_now", "restated_at"),
)
FROZEN_OBJECTIVE = ("score", "status", "unknown_count", "aspirational")


@transaction.atomic
def start(team: Team, cycle: Cycle, *, by: Member | None, now: datetime) -> Close:
    """The close of a team's cycle, a draft at first; to start it again changes nothing."""
    workspace = team.workspace
    gate.require(by, "write", workspace)
    if workspace.calendar.day_of(workspace.at(now)) < cycle.starts:
        raise Conflict(f"{cycle} has not begun.", fix="There is nothing to look back on yet.")
    person = by.person if by else None
    found, _ = Close.objects.get_or_create(
        team=team, cycle=cycle, defaults={"started_at": now, "by": person}
    )
    if found.closed_at is None:
        _match(found)
    return found


@transaction.atomic
def answer(
    close: Close,
    objective: str,
    given: answers.ObjectiveAnswers,
    *,
    by: Member | None,
    now: datetime,
) -> list[answers.Missing]:
    """Keeps what is said of an objective and its key results; says what is still missing."""
    gate.require(by, "write", close.team.workspace)
    _require_draft(close)
    row, parts = one_of(close, objective)
    before = _scores(row, parts)
    answers.put_objective(row, given)
    named = {part.key_result.key: part for part in parts}
    for part, said in answers.rows_by_key(named, given.get("key_results", {})):
        answers.put_key_result(part, said)
        part.save()
    if _scores(row, parts) != before:
        _may_answer_for(row.objective, by)
    left = list(answers.missing(row, parts))
    row.answered_at = None if left else now
    row.save()
    return left


@transaction.atomic
def close(close: Close, *, learnt: str = "", by: Member | None, now: datetime) -> Close:
    """Freezes the numbers, scores them, and hands back what is to be watched as a KPI again."""
    workspace = close.team.workspace
    gate.require(by, "write", workspace)
    _require_draft(close)
    _require_over(close, now)
    _match(close)
    rows = list(objectives_of(close))
    require_answers(rows)
    for row in rows:
        refresh(workspace, now=now, only=row.objective)
    rows = list(objectives_of(close))
    for row in rows:
        _freeze(row, workspace, by, now)
    close.learnt, close.closed_at = learnt.strip() or close.learnt, now
    close.by = by.person if by else None
    close.save()
    tell(close, "closed", close.learnt, by, now)
    return close


@transaction.atomic
def reopen(close: Close, reason: str, *, by: Member | None, now: datetime) -> Close:
    """Its key results are judged again, and can be changed until it is closed once more."""
    workspace = close.team.workspace
    gate.require(by, "write", workspace)
    if close.closed_at is None:
        raise Conflict(f"{close} is not closed.")
    if not reason.strip():
        raise DefinitionError(
            "To reopen a closed cycle takes a reason.",
            where="reason",
            fix="Say what has to be corrected; everybody can read it.",
        )
    if not any(owns(row.objective, by) for row in objectives_of(close)):
        raise NotAllowed(
            f"{by} may not reopen {close}.",
            fix="Ask the owner of one of its objectives, or an admin.",
        )
    close.closed_at = None
    close.save(update_fields=["closed_at"])
    tell(close, "reopened", reason.strip(), by, now)
    for row in objectives_of(close):
        refresh(workspace, now=now, only=row.objective)
    return close


def owns(objective: Objective, by: Member | None) -> bool:
    """An objective that nobody owns is everybody's."""
    if by is None or by.role == Role.admin:
        return True
    return objective.owner_id in (by.pk, None)


def one_of(close: Close, key: str) -> tuple[ClosedObjective, list[ClosedKeyResult]]:
    rows = {row.objective.key: row for row in objectives_of(close)}
    if key not in rows:
        raise NotFound(f"{close} has no objective `{key}`.", fix=nearest(key, rows))
    return rows[key], parts_of(rows[key])


def objectives_of(close: Close) -> QuerySet[ClosedObjective]:
    """Each with the close's own `key_results`: see parts_of."""
    results = KeyResult.objects.filter(closed__close=close).select_related(
        "closed__close", "metric__owner__person", "cycle", "owner__person"
    )
    return (
        close.objectives.select_related("objective__workspace", "objective__owner__person")
        .prefetch_related(Prefetch("objective__key_results", results))
        .order_by("objective__created_at", "pk")
    )


def parts_of(row: ClosedObjective) -> list[ClosedKeyResult]:
    return [k.closed for k in row.objective.key_results.all()]


def left_of(rows: Sequence[ClosedObjective]) -> list[answers.Missing]:
    return [one for row in rows for one in answers.missing(row, parts_of(row))]


def _match(close: Close) -> None:
    """A row for each goal that the team has in the cycle; of those that went, none."""
    theirs = Objective.objects.filter(team=close.team, archived_at=None)
    key_results = KeyResult.objects.filter(
        objective__in=theirs, cycle=close.cycle, archived_at=None
    )
    objectives = theirs.filter(Q(cycle=close.cycle) | Q(key_results__in=key_results)).distinct()
    close.objectives.exclude(objective__in=objectives).delete()
    close.key_results.exclude(key_result__in=key_results).delete()
    known = set(close.objectives.values_list("objective", flat=True))
    for objective in objectives.exclude(pk__in=known).order_by("created_at", "pk"):
        ClosedObjective.objects.create(close=close, objective=objective)
    known = set(close.key_results.values_list("key_result", flat=True))
    for key_result in key_results.exclude(pk__in=known):
        ClosedKeyResult.objects.create(close=close, key_result=key_result)


def _freeze(row: ClosedObjective, workspace: Workspace, by: Member | None, now: datetime) -> None:
    parts = parts_of(row)
    freezing.settling(workspace, parts, workspace.at(now))
    for part in parts:
        freezing.freeze(part, workspace, now)
        part.save(update_fields=FROZEN)
        _settle(part, workspace, by, now)
    freezing.roll_up(row, parts)
    row.save(update_fields=FROZEN_OBJECTIVE)
    _record_score(workspace, row.objective, row, by, now)


def _settle(part: ClosedKeyResult, workspace: Workspace, by: Member | None, now: datetime) -> None:
    """Says what becomes of it, and hands it back if that was chosen."""
    found = part.key_result
    subject, said = subject_of(found), Choice(part.choice).label
    record(
        workspace, subject=subject, title=str(found), what="closed", after=said,
        why=part.reason, by=by, now=now,
    )  # fmt: skip
    _record_score(workspace, found, part, by, now)
    if part.choice == Choice.hand_back and found.handed_back_at is None:
        handing.hand_back(
            found, at_least=part.at_least, at_most=part.at_most, note=part.reason, by=by, now=now
        )


def _record_score(
    workspace: Workspace,
    goal: Objective | KeyResult,
    row: ClosedObjective | ClosedKeyResult,
    by: Member | None,
    now: datetime,
) -> None:
    if row.score_given is None:
        return
    before = "unknown" if row.score is None else f"{row.score:.2f}"
    record(
        workspace, subject=subject_of(goal), title=str(goal), what="score", before=before,
        after=f"{row.score_given:.2f}", why=row.score_reason, by=by, now=now,
    )  # fmt: skip


def tell(close: Close, what: str, why: str, by: Member | None, now: datetime) -> None:
    subject = f"close:{close.cycle.key}/{close.team.key}"
    record(
        close.team.workspace, subject=subject, title=str(close), what=what, why=why, by=by, now=now
    )


def _require_draft(close: Close) -> None:
    if close.closed_at is not None:
        raise Conflict(f"{close} is closed.", fix="Reopen it with a reason to change its answers.")


def _require_over(close: Close, now: datetime) -> None:
    workspace, ends = close.team.workspace, close.cycle.ends
    if workspace.calendar.day_of(workspace.at(now)) <= ends:
        raise Conflict(
            f"{close.cycle} runs until {formats.day(ends)}.",
            fix="It can be closed from the day after; the answers are kept until then.",
        )


def require_answers(rows: Sequence[ClosedObjective]) -> None:
    left = left_of(rows)
    if not rows:
        raise Conflict("The team has no goals in this cycle.", fix="There is nothing to close.")
    if left:
        more = f" And {len(left) - 1} more." if len(left) > 1 else ""
        raise DefinitionError(f"{left[0]}{more}", fix="Answer every step, then close.")


def _scores(row: ClosedObjective, parts: Sequence[ClosedKeyResult]) -> list[float | None]:
    return [row.score_given, *(part.score_given for part in parts)]


def _may_answer_for(objective: Objective, by: Member | None) -> None:
    if not owns(objective, by):
        raise NotAllowed(
            f"{by} may not set another score for “{objective}”.",
            fix=f"Ask its owner, {objective.owner}, or an admin.",
        )
