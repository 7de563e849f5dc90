"""Edits of a key result after its cycle has opened: each says why, and is shown for good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db.models import QuerySet

from headway.charts import formats
from headway.engine.errors import DefinitionError
from headway.feed.models import Change
from headway.goals.models import KeyResult, Shape
from headway.goals.refresh import subject_of

ASKS = ("metric", "shape", "pace", "phases", "over", "over_n", "grain", "cycle", "due", "weight")
"""What every key result asks for. Its name and its people can change without a word."""

READS = {
    Shape.reach: ("baseline_typed", "target"),
    Shape.relative: ("baseline_typed", "change", "change_in"),
    Shape.keep: ("at_least", "at_most"),
    Shape.graded: ("baseline_typed", "commit", "target", "stretch"),
    Shape.milestones: ("milestones",),
    Shape.manual: ("baseline_typed", "target", "unit"),
}
"""What it asks for beside that, by its shape; what another shape has left behind is nothing."""

NAMES = {
    "baseline_typed": "baseline",
    "at_least": "lower bound",
    "at_most": "upper bound",
    "change_in": "kind of change",
    "over": "reading",
    "over_n": "length of the reading",
    "due": "due date",
    "commit": "commit value",
    "stretch": "stretch value",
    "phases": "expected values",
}


def edits_of(key_result: KeyResult) -> QuerySet[Change]:
    """What it asked for before, newest first."""
    asked = {*ASKS, *(name for names in READS.values() for name in names)}
    found = Change.objects.filter(
        workspace=key_result.objective.workspace, subject=subject_of(key_result), what__in=asked
    )
    return found.exclude(why="").select_related("by").order_by("-at", "-pk")


def sentence(change: Change, day: date) -> str:
    """`Target changed from 8 to 9 on 4 Jan 2026 by Ada: a rival closed.`"""
    name = name_of(change.what).replace("_", " ")
    name = f"{name[:1].upper()}{name[1:]}"
    if change.before and change.after:
        moved = f"{name} changed from {change.before} to {change.after}"
    else:
        moved = f"{name} set to {change.after}" if change.after else f"{name} {change.before} left"
    by = f" by {change.by}" if change.by else ""
    return f"{moved} on {formats.day(day)}{by}: {change.why}"


def name_of(field: str) -> str:
    return NAMES.get(field, field)


def edited(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What is asked for differently."""
    if not before:
        return []
    own = [name for row in (before, after) for name in READS[Shape(row["shape"])]]
    names = dict.fromkeys([*ASKS, *own])
    return [name for name in names if before[name] != after[name]]


def require_reason(
    key_result: KeyResult,
    opened: date,
    today: date,
    before: Mapping[str, str],
    after: Mapping[str, str],
    reason: str,
) -> None:
    """Raises DefinitionError when the cycle has opened and what is asked changes without a word.

    `opened` is the first day of the cycle that it was in until now.
    """
    names = edited(before, after)
    if not names or reason.strip() or today < opened:
        return
    said = ", ".join(name_of(name) for name in names)
    raise DefinitionError(
        f"The cycle opened on {opened}, and the {said} of “{key_result}” would change.",
        where="reason",
        fix="Give a reason; it stays beside the key result for everybody to read.",
    )
