"""What can be done to cycles, objectives and key results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Unpack

from django.db import models, transaction
from django.utils.text import slugify

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.errors import DefinitionError, NotFound
from headway.engine.written import figure
from headway.feed.record import record
from headway.goals import checks, closed, edits, milestones
from headway.goals.ahead import prospects
from headway.goals.fields import (
    CYCLE_FIELDS,
    KEY_RESULT_FIELDS,
    OBJECTIVE_FIELDS,
    KeyResultFields,
    MilestoneFields,
    ObjectiveFields,
    described,
    record_difference,
)
from headway.goals.models import CheckIn, Cycle, KeyResult, Milestone, Objective, Shape
from headway.goals.refresh import FOUND, ROLLED_UP, refresh
from headway.goals.refresh import subject_of as _subject
from headway.goals.shares import balanced, shares

LINKS = ("supports", "guardrails")
ROWS = ("milestones", "teams")
"""Fields that are rows of their own, put in place once theirs is saved."""


@transaction.atomic
def save_cycle(
    workspace: Workspace,
    *,
    key: str,
    name: str,
    starts: date,
    ends: date,
    parent: Cycle | None = None,
    by: Member | None,
    now: datetime,
    managed: bool = False,
) -> Cycle:
    """Creates the cycle or changes it. `starts` and `ends` both belong to it."""
    gate.require(by, "write", workspace)
    checks.key(key, 50)
    found = Cycle.objects.filter(workspace=workspace, key=key).first()
    cycle = found or Cycle(workspace=workspace, key=key)
    checks.writable(cycle, workspace, managed)
    before = described(cycle, CYCLE_FIELDS)
    fields = {"name": name, "starts": starts, "ends": ends, "parent": parent}
    _assign(cycle, fields, managed)
    checks.cycle(cycle)
    after = described(cycle, CYCLE_FIELDS)
    if before and any(before[name] != after[name] for name in ("starts", "ends")):
        closed.require_open_cycle(cycle)
    cycle.save()
    after = described(cycle, CYCLE_FIELDS)
    record_difference(workspace, f"cycle:{key}", str(cycle), before, after, by=by, now=now)
    if found and before != after:
        refresh(workspace, now=now)
    return cycle


@transaction.atomic
def save_objective(
    workspace: Workspace,
    *,
    key: str | None = None,
    by: Member | None,
    now: datetime,
    managed: bool = False,
    **fields: Unpack[ObjectiveFields],
) -> Objective:
    """Creates an objective, or changes the one with this key; without a key it gets one.

    What is left out keeps its value.
    """
    gate.require(by, "write", workspace)
    objective = _objective(workspace, key, fields, now)
    checks.present(objective)
    checks.writable(objective, workspace, managed)
    if objective.pk:
        closed.require_open(objective)
    before = described(objective, OBJECTIVE_FIELDS)
    _assign(objective, _without(fields, LINKS), managed)
    checks.objective(objective)
    closed.require_open(objective)
    objective.save()
    _link(objective, fields)
    after = described(objective, OBJECTIVE_FIELDS)
    record_difference(
        workspace, _subject(objective), objective.title, before, after, by=by, now=now
    )
    _judge_again(objective, objective, now)
    return objective


@transaction.atomic
def save_key_result(
    objective: Objective,
    *,
    key: str | None = None,
    by: Member | None,
    now: datetime,
    managed: bool = False,
    reason: str = "",
    **fields: Unpack[KeyResultFields],
) -> KeyResult:
    """Creates a key result, or changes the one with this key; without a key it gets one.

    What is left out keeps its value. The definition's version is frozen when the metric is chosen.
    Once its cycle has opened, what it asks for changes only with a `reason`.
    """
    workspace = objective.workspace
    gate.require(by, "write", workspace)
    key_result = _key_result(objective, key, fields, now)
    checks.present(objective)
    checks.present(key_result)
    checks.writable(key_result if key_result.pk else objective, workspace, managed)
    if key_result.pk:
        closed.require_open(key_result)
    before = _asked(key_result)
    measured, opened = key_result.metric, key_result.cycle.starts
    _assign(key_result, _without(fields, ROWS), managed)
    checks.key_result(key_result)
    closed.require_open(key_result)
    metric = key_result.metric
    if metric != measured:
        key_result.definition_version = metric.version if metric else None
    key_result.save()
    today = workspace.calendar.day_of(workspace.at(now))
    _put_rows(key_result, fields, today)
    after = _asked(key_result)
    edits.require_reason(key_result, opened, today, before, after, reason)
    subject, title, why = _subject(key_result), str(key_result), reason.strip()
    record_difference(workspace, subject, title, before, after, why=why, by=by, now=now)
    if before != after:
        prospects.forget(key_result)
    _judge_again(key_result, objective, now)
    return key_result


@transaction.atomic
def save_shares(
    objective: Objective,
    asked: Mapping[str, float],
    *,
    by: Member | None,
    now: datetime,
    reason: str = "",
) -> list[float]:
    """Makes key results these shares of the objective; the others share the rest as before.

    The weights are then percents that sum to 100.
    """
    rows = list(objective.key_results.filter(archived_at=None))
    unknown = asked.keys() - {row.key for row in rows}
    if unknown:
        raise NotFound(f"“{objective}” has no key result `{min(unknown)}`.", where="shares")
    before = shares([row.weight for row in rows])
    found = balanced(before, [asked.get(row.key) for row in rows])
    if all(round(old - new, 9) == 0 for old, new in zip(before, found, strict=True)):
        return found
    for row, share in zip(rows, found, strict=True):
        weight = round(100 * share, 6)
        save_key_result(objective, key=row.key, weight=weight, reason=reason, by=by, now=now)
    return found


@transaction.atomic
def check_in(
    key_result: KeyResult,
    *,
    value: float | None = None,
    confidence: int | None = None,
    note: str = "",
    done: Sequence[str] = (),
    day: date | None = None,
    by: Member | None,
    now: datetime,
) -> CheckIn:
    """Says how it goes on a day, today unless given; the key result is judged again at once.

    `value` is for key results that are typed; the others measure themselves. `done` names
    milestones that were reached; they are the note when nothing else is said.
    """
    workspace = key_result.objective.workspace
    gate.require(by, "write", workspace)
    today = workspace.calendar.day_of(workspace.at(now))
    for name in done:
        milestones.tick(key_result, name, done=day or today, by=by, now=now)
    note = note if note.strip() or not done else f"Done: {', '.join(done)}"
    _can_check_in(key_result, value, confidence, note)
    checks.day(day or today, today)
    made = CheckIn.objects.create(
        key_result=key_result,
        day=day or today,
        value=value,
        confidence=confidence,
        note=note.strip(),
        by=by.person if by else None,
        at=now,
    )
    record(
        workspace,
        subject=_subject(key_result),
        title=str(key_result),
        what="check_in",
        after=_said(made),
        why=made.note,
        by=by,
        now=now,
    )
    _judge_again(key_result, key_result.objective, now)
    return made


def archive_objective(
    objective: Objective, *, by: Member | None, now: datetime, managed: bool = False
) -> None:
    """Takes the objective off every page; `restore_objective` brings it back as it was."""
    _put_away(objective, objective, now, by=by, now=now, managed=managed)


def restore_objective(
    objective: Objective, *, by: Member | None, now: datetime, managed: bool = False
) -> None:
    _put_away(objective, objective, None, by=by, now=now, managed=managed)


def archive_key_result(
    key_result: KeyResult, *, by: Member | None, now: datetime, managed: bool = False
) -> None:
    """Takes the key result out of its objective; `restore_key_result` brings it back."""
    _put_away(key_result, key_result.objective, now, by=by, now=now, managed=managed)


def restore_key_result(
    key_result: KeyResult, *, by: Member | None, now: datetime, managed: bool = False
) -> None:
    _put_away(key_result, key_result.objective, None, by=by, now=now, managed=managed)


@transaction.atomic
def _put_away(
    row: Objective | KeyResult,
    objective: Objective,
    at: datetime | None,
    *,
    by: Member | None,
    now: datetime,
    managed: bool,
) -> None:
    gate.require(by, "write", objective.workspace)
    checks.writable(row, objective.workspace, managed)
    if (row.archived_at is None) == (at is None):
        return
    closed.require_open(row)
    row.archived_at = at
    row.save(update_fields=["archived_at"])
    record(
        objective.workspace,
        subject=_subject(row),
        title=str(row),
        what="archived" if at else "restored",
        by=by,
        now=now,
    )
    _judge_again(row, objective, now)


def _objective(
    workspace: Workspace, key: str | None, fields: ObjectiveFields, now: datetime
) -> Objective:
    existing = Objective.objects.filter(workspace=workspace)
    if key and (found := existing.filter(key=key).first()):
        return found
    _needed(fields, "title", "team", "cycle")
    key = key or _free_key(existing, fields["title"] or "objective", 80)
    checks.key(key, 80)
    return Objective(workspace=workspace, key=key, created_at=now)


def _key_result(
    objective: Objective, key: str | None, fields: KeyResultFields, now: datetime
) -> KeyResult:
    existing = KeyResult.objects.filter(objective=objective)
    if key and (found := existing.select_related("metric", "cycle").filter(key=key).first()):
        found.objective = objective
        return found
    _needed(fields, "shape")
    metric = fields.get("metric")
    name = fields.get("title") or (metric.name if metric else "key result")
    key = key or _free_key(existing, name, 50)
    checks.key(key, 50)
    cycle = fields.get("cycle") or objective.cycle
    last = existing.aggregate(last=models.Max("position"))["last"]
    position = 0 if last is None else last + 1
    return KeyResult(
        objective=objective,
        key=key,
        cycle=cycle,
        due=cycle.ends,
        position=position,
        created_at=now,
    )


def _free_key(
    taken: models.QuerySet[Objective] | models.QuerySet[KeyResult], title: str, longest: int
) -> str:
    stem = slugify(title)[: longest - 4].strip("-_") or "goal"
    keys = checks.RESERVED.union(taken.filter(key__startswith=stem).values_list("key", flat=True))
    if stem not in keys:
        return stem
    return next(k for n in range(2, len(keys) + 3) if (k := f"{stem}-{n}") not in keys)


def _needed(fields: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if not fields.get(name):
            raise DefinitionError(f"It has no {name}.", where=name, fix=f"Give a {name}.")


def _without(fields: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def _assign(row: Cycle | Objective | KeyResult, fields: Mapping[str, Any], managed: bool) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.managed_in_code = row.managed_in_code or managed


def _link(objective: Objective, fields: ObjectiveFields) -> None:
    if "supports" in fields:
        above = list(fields["supports"])
        checks.supports(objective, above)
        objective.supports.set(above)
    if "guardrails" in fields:
        watched = list(fields["guardrails"])
        for metric in watched:
            checks.at_home(objective.workspace, guardrails=metric)
        objective.guardrails.set(watched)


def _asked(key_result: KeyResult) -> dict[str, str]:
    unit = key_result.metric.unit if key_result.metric else key_result.unit
    return described(key_result, KEY_RESULT_FIELDS, unit)


def _put_rows(key_result: KeyResult, fields: KeyResultFields, today: date) -> None:
    if "teams" in fields:
        chosen = [team for team in fields["teams"] if team != key_result.objective.team]
        for team in chosen:
            checks.at_home(key_result.objective.workspace, teams=team)
        key_result.teams.set(chosen)
    if key_result.shape != Shape.milestones:
        milestones.put(key_result, [])
        return
    kept = [_milestone(m) for m in key_result.milestones.all()]
    given = list(fields.get("milestones", kept))
    milestones.check(key_result, given, today)
    milestones.put(key_result, given)


def _milestone(row: Milestone) -> MilestoneFields:
    return {"name": row.name, "weight": row.weight, "due": row.due, "done": row.done}


def _can_check_in(
    key_result: KeyResult, value: float | None, confidence: int | None, note: str
) -> None:
    checks.present(key_result.objective)
    checks.present(key_result)
    closed.require_open(key_result)
    if value is not None and key_result.shape != Shape.manual:
        raise DefinitionError(
            f"“{key_result}” is measured; its value cannot be typed.",
            where="value",
            fix="Leave the value out and give a confidence or a note.",
        )
    checks.finite("value", value)
    checks.confidence(confidence)
    if value is None and confidence is None and not note.strip():
        raise DefinitionError("The check-in says nothing.", fix="Give a confidence or a note.")


def _said(made: CheckIn) -> str:
    value = "" if made.value is None else f"{figure(made.value)}"
    confidence = "" if made.confidence is None else f"confidence {made.confidence} of 10"
    return ", ".join(filter(None, (value, confidence)))


def _judge_again(row: Objective | KeyResult, objective: Objective, now: datetime) -> None:
    """Also brings what was found to the caller's own row."""
    refresh(objective.workspace, now=now, only=objective)
    found = ROLLED_UP if isinstance(row, Objective) else FOUND
    row.refresh_from_db(fields=found)
