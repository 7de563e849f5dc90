"""A close as a document tells it: the answers of a draft, or the numbers of one that is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member, Person, Team
from headway.engine.errors import DefinitionError
from headway.goals.close import answers, closing, freezing
from headway.goals.models import Choice, Close, ClosedKeyResult, ClosedObjective, Cycle


@dataclass(frozen=True)
class ToldObjective:
    """`frozen` holds columns of its row, `results` those of its key results by key."""

    answers: answers.ObjectiveAnswers
    frozen: Mapping[str, Any]
    results: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Told:
    learnt: str
    closed: datetime | None
    by: Person | None
    objectives: Mapping[str, ToldObjective]


@transaction.atomic
def retell(team: Team, cycle: Cycle, told: Told, *, by: Member | None, now: datetime) -> Close:
    """Gives a draft its answers; or makes a close with the numbers that it was closed with.

    Those are history that nobody measures again here, so that it takes an admin.
    """
    close = closing.start(team, cycle, by=by, now=now)
    if told.closed is None:
        return _answer(close, told, by, now)
    gate.require(by, "administer", team.workspace)
    _check_day(close, told.closed)
    for key, said in told.objectives.items():
        _freeze(*closing.one_of(close, key), said, told.closed)
    closing.require_answers(list(closing.objectives_of(close)))
    close.learnt, close.closed_at, close.by = told.learnt, told.closed, told.by
    close.save()
    closing.tell(close, "closed", close.learnt, by, now)
    return close


def _answer(close: Close, told: Told, by: Member | None, now: datetime) -> Close:
    for key, said in told.objectives.items():
        closing.answer(close, key, said.answers, by=by, now=now)
    close.learnt = told.learnt
    close.save(update_fields=["learnt"])
    return close


def _check_day(close: Close, closed: datetime) -> None:
    workspace = close.team.workspace
    day = workspace.calendar.day_of(closed)
    if day <= close.cycle.ends:
        raise DefinitionError(
            f"{close.cycle} runs until {close.cycle.ends}, and is said to be closed on {day}.",
            where="closed",
            fix="Leave `closed` out while the cycle runs.",
        )


def _freeze(
    row: ClosedObjective, parts: list[ClosedKeyResult], said: ToldObjective, closed: datetime
) -> None:
    answers.put_objective(row, said.answers)
    row.answered_at = closed
    _assign(row, said.frozen)
    named = {part.key_result.key: part for part in parts}
    for part, given in answers.rows_by_key(named, said.answers.get("key_results", {})):
        answers.put_key_result(part, given)
        _assign(part, said.results[part.key_result.key])
        _stop(part, closed)
    objective = row.objective
    objective.status, objective.progress = row.status or "unknown", row.score
    objective.unknown_count = row.unknown_count
    objective.save(update_fields=["status", "progress", "unknown_count"])


def _assign(row: ClosedObjective | ClosedKeyResult, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()


def _stop(part: ClosedKeyResult, closed: datetime) -> None:
    """The key result stands as it was closed, too."""
    key_result = part.key_result
    for name in freezing.TAKEN:
        setattr(key_result, name, getattr(part, name))
    key_result.status, key_result.reason = part.status or "unknown", part.said
    if part.choice == Choice.hand_back:
        key_result.handed_back_at = closed
    key_result.save(update_fields=[*freezing.TAKEN, "reason", "handed_back_at"])
