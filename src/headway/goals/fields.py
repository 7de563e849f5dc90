"""The fields people give to goals, and a change of them in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypedDict

from django.db import models

from headway.accounts.models import Member, Team, Workspace
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
    over: str
    over_n: int | None
    grain: str
    cycle: Cycle
    due: date
    weight: float
    owner: Member | None
    unit: str
    position: int


OBJECTIVE_FIELDS = tuple(ObjectiveFields.__annotations__)
KEY_RESULT_FIELDS = tuple(KeyResultFields.__annotations__)
CYCLE_FIELDS = ("name", "starts", "ends", "parent")


def described(row: models.Model, names: Iterable[str]) -> dict[str, str]:
    """Each field in words; nothing for a row that is not saved yet."""
    return {name: _words(getattr(row, name)) for name in names} if row.pk else {}


def record_difference(
    workspace: Workspace,
    subject: str,
    title: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    by: Member | None,
    now: datetime,
) -> None:
    """One Change for a new row, else one for each field that differs."""
    if not before:
        record(workspace, subject=subject, title=title, what="created", by=by, now=now)
    for name in before:
        if before[name] != after[name]:
            record(
                workspace,
                subject=subject,
                title=title,
                what=name,
                before=before[name],
                after=after[name],
                by=by,
                now=now,
            )


def _words(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, models.Manager):
        return ", ".join(sorted(str(row) for row in value.all()))
    return f"{value:,.12g}" if isinstance(value, float) else str(value)
