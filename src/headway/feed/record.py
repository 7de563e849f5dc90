"""The one way in which a change is remembered."""

from __future__ import annotations

from datetime import datetime

from headway.accounts.models import Member, Workspace
from headway.feed.models import Change


def record(
    workspace: Workspace,
    *,
    subject: str,
    title: str,
    what: str,
    before: object = "",
    after: object = "",
    why: str = "",
    by: Member | None = None,
    now: datetime,
) -> Change:
    """Call it in the transaction that makes the change. `by` None: the operator or the worker."""
    return Change.objects.create(
        workspace=workspace,
        subject=subject,
        title=title[:250],
        what=what,
        before="" if before is None else str(before),
        after="" if after is None else str(after),
        why=why,
        by=by.person if by else None,
        at=now,
    )
