"""Read-only links: a page of the workspace for people who have no account."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import QuerySet
from django.urls import Resolver404, ResolverMatch, resolve

from headway.accounts import gate
from headway.accounts.models import Link, Member, Workspace
from headway.engine.errors import DefinitionError, NotFound

DAYS = 30
MOST_DAYS = 365
SHAREABLE = frozenset({"objective", "board_journey", "board_funnel", "board_values", "review"})
"""Names of the addresses that can be shared: pages which, cut down, show one thing alone."""


def share(
    workspace: Workspace,
    path: str,
    *,
    query: str = "",
    title: str = "",
    days: int = DAYS,
    by: Member | None,
    now: datetime,
) -> tuple[Link, str]:
    """The link and the secret part of its address, which is not kept.

    `path` is the page's address below the workspace's, such as `objectives/fast-start`.
    """
    gate.require(by, "write", workspace)
    page_of(workspace, path)
    if not 1 <= days <= MOST_DAYS:
        raise DefinitionError(
            f"A link cannot be open for {days} days.",
            where="days",
            fix=f"Give a whole number from 1 to {MOST_DAYS}; {DAYS} is usual.",
        )
    raw = secrets.token_urlsafe(32)
    made = Link.objects.create(
        workspace=workspace,
        path=path,
        query=query,
        title=title[:250] or path,
        digest=_digest(raw),
        by=by.person if by else None,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    return made, raw


def page_of(workspace: Workspace, path: str) -> ResolverMatch:
    """The page that an address below the workspace's means. Raises NotFound, DefinitionError."""
    try:
        found = resolve(f"/{workspace.key}/{path}")
    except Resolver404:
        raise NotFound(f"No page has the address `{path}`.", where="page") from None
    if found.url_name not in SHAREABLE:
        raise DefinitionError(
            f"`{path}` cannot be shared.",
            where="page",
            fix="Objectives, boards and reviews can.",
        )
    return found


def open_links(workspace: Workspace, now: datetime) -> QuerySet[Link]:
    return workspace.links.filter(revoked_at=None, expires_at__gt=now).select_related("by")


def opened(raw: str, now: datetime) -> Link:
    """What the secret opens; that it was opened is noted. Raises NotFound, whatever is wrong."""
    live = Link.objects.filter(digest=_digest(raw), revoked_at=None, expires_at__gt=now)
    found = live.select_related("workspace", "by").first()
    if found is None:
        raise NotFound(
            "This link is not valid, or not any more.",
            fix="Ask the person who sent it for a new one.",
        )
    live.update(opened_at=now)
    return found


def revoke(link: Link, *, by: Member | None, now: datetime) -> Link:
    """People revoke their own links; admins revoke anybody's."""
    if by is None or by.person_id != link.by_id:
        gate.require(by, "administer", link.workspace)
    gate.require(by, "read", link.workspace)
    link.revoked_at = link.revoked_at or now
    link.save(update_fields=["revoked_at"])
    return link


def _digest(raw: str) -> str:
    """A secret of 256 random bits needs no slow hash."""
    return sha256(raw.encode()).hexdigest()
