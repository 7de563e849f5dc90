"""When a check-in is due, and when silence has lasted too long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet

from headway.accounts.models import Workspace
from headway.goals.models import KeyResult

LATE_AFTER_DAYS = 3
"""So many days past its cadence, a key result without a check-in is stale."""

WORST_FIRST = ("missed", "at_risk", "behind")


@dataclass(frozen=True, slots=True)
class Silence:
    """How long nobody has checked in: since `last`, or since it was made in its running cycle."""

    key_result: KeyResult
    last: date | None
    today: date
    workspace: Workspace

    @property
    def cadence(self) -> int:
        return self.workspace.cadence_days

    @property
    def running(self) -> bool:
        return self.key_result.cycle.starts <= self.today <= self.key_result.due

    @property
    def days(self) -> int:
        return (self.today - (self.last or self._began)).days

    @property
    def _began(self) -> date:
        made, opened = self.key_result.created_at, self.key_result.cycle.starts
        if made is None:
            return opened
        # Where the clock of the workspace stands, nothing was made after that.
        return max(opened, self.workspace.calendar.day_of(min(made, self.workspace.at(made))))

    @property
    def due(self) -> bool:
        return self.running and (self.last is None or self.days >= self.cadence)

    @property
    def stale(self) -> bool:
        return self.running and self.days > self.cadence + LATE_AFTER_DAYS


def living(workspace: Workspace) -> QuerySet[KeyResult]:
    """Key results that nobody archived, whose cycle has opened, with what messages say of them."""
    found = KeyResult.objects.filter(
        objective__workspace=workspace, archived_at=None, objective__archived_at=None
    )
    return found.select_related("objective__workspace", "cycle", "metric", "owner__person")


def due(workspace: Workspace, today: date) -> Mapping[int, list[Silence]]:
    """By member: the owner's, and those the delegate has to see to because the owner does not.

    That is when nobody owns it, or when it is stale.
    """
    rows = living(workspace).filter(cycle__starts__lte=today, due__gte=today)
    rows = rows.filter(Q(owner__isnull=False) | Q(delegate__isnull=False))
    rows = rows.annotate(last=Max("check_ins__day")).order_by("due", "pk")
    found: dict[int, list[Silence]] = {}
    for row in rows:
        silence = Silence(row, row.last, today, workspace)
        for member in _asked(silence) if silence.due else ():
            found.setdefault(member, []).append(silence)
    return found


def _asked(silence: Silence) -> set[int]:
    owner, delegate = silence.key_result.owner_id, silence.key_result.delegate_id
    if owner is None or silence.stale:
        return {member for member in (owner, delegate) if member}
    return {owner}
