"""What surrounds goals, as it is written when somebody moves out: the oldest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from headway.accounts.models import Person, Workspace
from headway.goals.models import CheckIn, Comment

Rows = list[dict[str, Any]]


def check_ins(workspace: Workspace, *, archived: bool = False) -> Rows:
    """In the order in which those of a day were given; of living goals, or of archived ones."""
    living = {"key_result__archived_at": None, "key_result__objective__archived_at": None}
    rows = CheckIn.objects.filter(key_result__objective__workspace=workspace)
    rows = rows.exclude(**living) if archived else rows.filter(**living)
    rows = rows.select_related("key_result__objective", "by")
    return [_check_in(row) for row in rows.order_by("day", "at", "pk")]


def comments(workspace: Workspace) -> Rows:
    """Those that were not deleted."""
    rows = Comment.objects.filter(objective__workspace=workspace, deleted_at=None)
    return [_comment(row) for row in rows.select_related("objective", "key_result", "by")]


def links(workspace: Workspace) -> Rows:
    """What was shared, with whom it is not known; a link's secret is kept nowhere."""
    rows = workspace.links.select_related("by").order_by("made_at", "pk")
    return [
        _given(
            page=link.path,
            query=link.query,
            title=link.title,
            by=_email(link.by),
            made=link.made_at,
            expires=link.expires_at,
            withdrawn=link.revoked_at,
            opened=link.opened_at,
        )
        for link in rows
    ]


def changes(workspace: Workspace) -> Rows:
    """The trail of everything in the workspace."""
    rows = workspace.changes.order_by("at", "pk").values_list(
        "at", "subject", "title", "what", "before", "after", "why", "by__email"
    )
    return [
        _given(
            at=at, subject=subject, title=title, what=what, before=before, after=after,
            why=why, by=email,
        )
        for at, subject, title, what, before, after, why, email in rows.iterator()
    ]  # fmt: skip


def _check_in(row: CheckIn) -> dict[str, Any]:
    return _given(
        objective=row.key_result.objective.key,
        key_result=row.key_result.key,
        day=str(row.day),
        value=row.value,
        confidence=row.confidence,
        note=row.note,
        by=_email(row.by),
    )


def _comment(row: Comment) -> dict[str, Any]:
    return _given(
        objective=row.objective.key,
        key_result=row.key_result.key if row.key_result else "",
        text=row.text,
        by=_email(row.by),
        at=row.at,
        edited=row.edited_at,
    )


def _email(person: Person | None) -> str:
    return person.email if person else ""


def _given(**fields: Any) -> dict[str, Any]:
    found = {n: v.isoformat() if isinstance(v, datetime) else v for n, v in fields.items()}
    return {name: value for name, value in found.items() if value not in (None, "")}
