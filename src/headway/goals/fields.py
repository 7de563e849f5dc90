"""The fields people give to goals, and a change of them in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Required, TypedDict

from django.db import models

from headway.accounts.models import Member, Team, Workspace
from headway.engine.written import THIN, figure
from headway.feed.record import record
from headway.goals.models import Cycle, Objective
from headway.metrics.models import Metric


class ObjectiveFields(TypedDict, total=False):
    """What is left out keeps its value; a new objective needs `title`, `team` and `cycle`."""

    title: str
    why: str
    team: Team
    cycle: Cycle
    ambition: str
    owner: Member | None
    supports: Iterable[Objective]
    guardrails: Iterable[Metric]


class MilestoneFields(TypedDict, total=False):
    """Needs a `name`, by which it is known. `done` is kept when it is left out."""

    name: Required[str]
    weight: float
    due: date | None
    done: date | None


class KeyResultFields(TypedDict, total=False):
    """What is left out keeps its value; a new key result needs `shape` and what it asks for.

    `cycle` is the objective's, and `due` the last day of the cycle, unless given.
    """

    title: str
    metric: Metric | None
    shape: str
    baseline_typed: float | None
    target: float | None
    change: float | None
    change_in: str
    at_least: float | None
    at_most: float | None
    commit: float | None
    stretch: float | None
    milestones: Iterable[MilestoneFields]
    pace: str
    phases: Mapping[str, float]
    over: str
    over_n: int | None
    grain: str
    cycle: Cycle
    due: date
    weight: float
    owner: Member | None
    delegate: Member | None
    teams: Iterable[Team]
    unit: str
    position: int


OBJECTIVE_FIELDS = tuple(ObjectiveFields.__annotations__)
KEY_RESULT_FIELDS = tuple(KeyResultFields.__annotations__)
AMOUNTS = ("baseline_typed", "target", "at_least", "at_most", "commit", "stretch", "phases")
"""Fields in the unit of what is measured."""

CYCLE_FIELDS = ("name", "starts", "ends", "parent")


def described(row: models.Model, names: Iterable[str], unit: str = "") -> dict[str, str]:
    """Each field in words; nothing for a row that is not saved yet. `unit` is that of AMOUNTS."""
    if not row.pk:
        return {}
    return {n: _words(getattr(row, n), unit if n in AMOUNTS else "") for n in names}


def record_difference(
    workspace: Workspace,
    subject: str,
    title: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    why: str = "",
    by: Member | None,
    now: datetime,
) -> None:
    """One Change for a new row, else one for each field that differs."""
    if not before:
        record(workspace, subject=subject, title=title, what="created", why=why, by=by, now=now)
    for name in before:
        if before[name] != after[name]:
            record(
                workspace,
                subject=subject,
                title=title,
                what=name,
                before=before[name],
                after=after[name],
                why=why,
                by=by,
                now=now,
            )


def _words(value: object, unit: str = "") -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{_words(v, unit)} by {k}" for k, v in value.items())
    if isinstance(value, models.Manager):
        return ", ".join(sorted(str(row) for row in value.all()))
    return _amount(value, unit) if isinstance(value, float) else str(value)


def _amount(value: float, unit: str) -> str:
    """With all its digits, so that a small difference shows."""
    if unit == "percent":
        return f"{figure(100 * value, 10)}{THIN}%"
    return f"{figure(value)}{THIN}{'' if unit == 'money' else unit}".rstrip(THIN)
