"""Who calls, and from where in the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer
from pydantic import Field

from headway.accounts import gate
from headway.accounts.actions import member_for_token
from headway.accounts.models import Member, Workspace
from headway.engine.errors import NotFound, nearest
from headway.goals.models import KeyResult, Objective

Number = Annotated[int, Field(ge=1, lt=1 << 63)]
"""What rows are known by that have no key; every database can look for one."""


@dataclass(frozen=True)
class Caller:
    """The member for whom a token acts. `clock` is the time, `now` the workspace's present."""

    member: Member
    clock: datetime

    @property
    def workspace(self) -> Workspace:
        return self.member.workspace

    @property
    def now(self) -> datetime:
        return self.workspace.at(self.clock)


class Bearer(HttpBearer):
    """`Authorization: Bearer hw_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        now = timezone.now()
        member = member_for_token(token, now)
        return Caller(member, now) if member else None


def whoever(request: HttpRequest) -> Caller:
    found: Caller = request.auth  # type: ignore[attr-defined]
    return found


def caller(request: HttpRequest, workspace: str) -> Caller:
    """The caller, if the token is one of this workspace."""
    found = whoever(request)
    if found.workspace.key != workspace:
        raise NotFound(
            f"There is no workspace `{workspace}` for this token.",
            fix=f"It belongs to `{found.workspace.key}`.",
        )
    gate.require(found.member, "read")
    return found


def one(rows: QuerySet[Any], key: str, noun: str) -> Any:
    """The row with this key. Raises NotFound with the nearest key there is."""
    row: Model | None = rows.filter(key=key).first()
    if row is None:
        fix = nearest(key, rows.values_list("key", flat=True))
        raise NotFound(f"There is no {noun} `{key}`.", fix=fix)
    return row


def objective_of(who: Caller, key: str) -> Objective:
    """One that is not archived."""
    found: Objective = one(who.workspace.objectives.filter(archived_at=None), key, "objective")
    return found


def key_result_of(who: Caller, objective: str, key: str) -> KeyResult:
    rows = objective_of(who, objective).key_results.filter(archived_at=None)
    found: KeyResult = one(rows, key, "key result")
    return found


def goal_of(who: Caller, objective: str, key_result: str = "") -> Objective | KeyResult:
    """The objective, or its key result where one is named."""
    if not key_result:
        return objective_of(who, objective)
    return key_result_of(who, objective, key_result)
