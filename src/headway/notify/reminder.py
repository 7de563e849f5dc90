"""The reminder: which of one's check-ins are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from headway.accounts.models import Member, Workspace
from headway.goals.rhythm import due
from headway.notify import addresses
from headway.notify.letter import Letter, letter
from headway.notify.lines import Line
from headway.notify.models import Topic
from headway.notify.subscriptions import wanting


def reminders(workspace: Workspace, today: date) -> Iterator[tuple[Member, Letter]]:
    """For everybody who has a check-in due, unless they want none."""
    waiting = due(workspace, today)
    members = workspace.members.filter(pk__in=waiting).select_related("person", "workspace")
    for member in wanting(Topic.reminder, members.order_by("pk")):
        rows = waiting[member.pk]
        count = len(rows)
        subject = (
            f"{count} check-ins are due" if count > 1 else f"Check-in due: {rows[0].key_result}"
        )
        yield (
            member,
            letter(
                member,
                Topic.reminder,
                f"{subject} · {workspace}",
                rows=[(Line.of(row.key_result), row) for row in rows],
                url=addresses.page(workspace, "check_in"),
            ),
        )
