"""The milestones of a key result: given as a list, and ticked when they are reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member
from headway.engine.errors import DefinitionError, NotFound, nearest
from headway.feed.record import record
from headway.goals import checks, closed
from headway.goals.fields import MilestoneFields
from headway.goals.models import KeyResult, Milestone, Pace
from headway.goals.refresh import refresh, subject_of


def put(key_result: KeyResult, given: Sequence[MilestoneFields]) -> None:
    """Makes the list be this one. A milestone keeps its day unless `done` is given."""
    known = {m.name: m for m in key_result.milestones.all()}
    for position, fields in enumerate(given):
        row = known.pop(fields["name"].strip(), None) or Milestone(key_result=key_result)
        row.name, row.position = fields["name"].strip(), position
        row.weight, row.due = fields.get("weight", 1.0), fields.get("due")
        row.done = fields.get("done", row.done)
        row.save()
    Milestone.objects.filter(pk__in=[row.pk for row in known.values()]).delete()


@transaction.atomic
def tick(
    key_result: KeyResult,
    name: str,
    *,
    done: date | None,
    note: str = "",
    by: Member | None,
    now: datetime,
) -> Milestone:
    """Says on which day a milestone was reached, or with None that it was not, after all."""
    workspace = key_result.objective.workspace
    gate.require(by, "write", workspace)
    checks.present(key_result.objective)
    checks.present(key_result)
    closed.require_open(key_result)
    found = _named(key_result.milestones.all(), name)
    if done is not None:
        checks.day(done, workspace.calendar.day_of(workspace.at(now)))
    if found.done == done:
        return found
    before, found.done = found.done, done
    found.save(update_fields=["done"])
    record(
        workspace,
        subject=subject_of(key_result),
        title=str(key_result),
        what="milestone",
        before=f"{found.name}: {before or 'open'}",
        after=f"{found.name}: {f'done on {done}' if done else 'open again'}",
        why=note.strip(),
        by=by,
        now=now,
    )
    refresh(workspace, now=now, only=key_result.objective)
    key_result.refresh_from_db()
    return found


def check(key_result: KeyResult, given: Sequence[MilestoneFields], today: date) -> None:
    """Raises DefinitionError for a list that says nothing, twice the same, or the impossible."""
    if not given:
        raise DefinitionError(
            "There are no milestones.", where="milestones", fix="Name at least one."
        )
    names = [fields["name"].strip() for fields in given]
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None or not all(names):
        said = f"“{twice}” is there twice." if twice else "A milestone has no name."
        raise DefinitionError(said, where="milestones", fix="Give each a name of its own.")
    for fields in given:
        _check_one(key_result, fields, today)
    if key_result.pace == Pace.phased and not all(fields.get("due") for fields in given):
        raise DefinitionError(
            "Milestones that are expected by their days need a day each.",
            where="milestones",
            fix="Give each milestone a day, or expect them evenly.",
        )


def _check_one(key_result: KeyResult, fields: MilestoneFields, today: date) -> None:
    name, weight, due = fields["name"].strip(), fields.get("weight", 1.0), fields.get("due")
    checks.finite("milestones", weight)
    if weight <= 0:
        raise DefinitionError(f"The weight of “{name}” must be more than 0.", where="milestones")
    if due is not None and not key_result.cycle.starts <= due <= key_result.due:
        raise DefinitionError(
            f"“{name}” is due on {due}, outside the days of the key result.",
            where="milestones",
            fix=f"Choose a day from {key_result.cycle.starts} to {key_result.due}.",
        )
    if done := fields.get("done"):
        checks.day(done, today)


def _named(rows: Iterable[Milestone], name: str) -> Milestone:
    by_name = {row.name: row for row in rows}
    if name not in by_name:
        raise NotFound(f"There is no milestone “{name}”.", fix=nearest(name, by_name))
    return by_name[name]
