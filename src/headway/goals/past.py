"""Check-ins of the past, many at once, as they come from another tool."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member, Person
from headway.engine.errors import DefinitionError
from headway.feed.record import record
from headway.goals import checks
from headway.goals.closed import require_open
from headway.goals.models import CheckIn, KeyResult, Shape
from headway.goals.refresh import refresh, subject_of


@dataclass(frozen=True)
class Past:
    """What somebody said on a day. `author` None: who brings it in."""

    day: date
    value: float | None = None
    confidence: int | None = None
    note: str = ""
    author: Person | None = None


@transaction.atomic
def add_past(
    key_result: KeyResult, said: Sequence[Past], *, by: Member | None, now: datetime
) -> list[CheckIn]:
    """Adds those that are not there yet; the key result is judged once, after all of them.

    Raises like `check_in`. Two of the same day keep the order in which they are given.
    """
    workspace = key_result.objective.workspace
    gate.require(by, "write", workspace)
    checks.present(key_result.objective)
    checks.present(key_result)
    require_open(key_result)
    today = workspace.calendar.day_of(workspace.at(now))
    fresh = list(_fresh(key_result, said))
    for one in fresh:
        _check(key_result, one, today)
    made = CheckIn.objects.bulk_create(_rows(key_result, fresh, by, now))
    if made:
        count = "1 check-in" if len(made) == 1 else f"{len(made)} check-ins"
        record(
            workspace,
            subject=subject_of(key_result),
            title=str(key_result),
            what="check_in",
            after=f"{count} from elsewhere",
            by=by,
            now=now,
        )
        refresh(workspace, now=now, only=key_result.objective)
    return made


def _fresh(key_result: KeyResult, said: Sequence[Past]) -> Iterable[Past]:
    there = {same(row) for row in key_result.check_ins.all()}
    for one in said:
        if same(one) not in there:
            there.add(same(one))
            yield one


def same(one: CheckIn | Past) -> tuple[object, ...]:
    """What makes two check-ins of a key result the same one."""
    return one.day, one.value, one.confidence, one.note.strip()


def _rows(
    key_result: KeyResult, said: Sequence[Past], by: Member | None, now: datetime
) -> list[CheckIn]:
    return [
        CheckIn(
            key_result=key_result,
            day=one.day,
            value=one.value,
            confidence=one.confidence,
            note=one.note.strip(),
            by=one.author or (by.person if by else None),
            at=now + timedelta(microseconds=n),
        )
        for n, one in enumerate(said)
    ]


def _check(key_result: KeyResult, one: Past, today: date) -> None:
    if one.value is not None and key_result.shape != Shape.manual:
        raise DefinitionError(
            f"“{key_result}” is measured; its value cannot be typed.",
            where="value",
            fix="Leave the value out and give a confidence or a note.",
        )
    checks.finite("value", one.value)
    checks.confidence(one.confidence)
    checks.day(one.day, today)
    if one.value is None and one.confidence is None and not one.note.strip():
        raise DefinitionError("The check-in says nothing.", fix="Give a confidence or a note.")
