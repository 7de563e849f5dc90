"""Links by which people without an account read one page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from ninja import Path, Router
from ninja.responses import Status

from headway.accounts import links
from headway.accounts.models import Link
from headway.api import answers, forms
from headway.api.context import caller
from headway.engine.errors import NotFound
from headway.goals.talk.sharing import title_of

router = Router()


@router.get("", summary="List shared links", response=list[answers.Link])
def index(request: HttpRequest, workspace: Path[str]) -> QuerySet[Link]:
    """Those that are open, the newest first."""
    who = caller(request, workspace)
    return links.open_links(who.workspace, who.clock)


@router.post("", summary="Share a page", response={201: answers.NewLink})
def share(request: HttpRequest, workspace: Path[str], body: forms.Link) -> Status[dict[str, Any]]:
    """Of an objective, a board or a review. The link is in this answer and nowhere else."""
    who = caller(request, workspace)
    made, raw = links.share(
        who.workspace,
        body.page,
        title=title_of(who.workspace, body.page),
        days=body.days,
        by=who.member,
        now=who.clock,
    )
    link = settings.BASE_URL + reverse("shared", args=[raw])
    known = {"id": made.pk, "title": made.title, "expires_at": made.expires_at}
    return Status(201, {**known, "link": link})


@router.delete("/{number}", summary="Withdraw a shared link", response={204: None})
def revoke(request: HttpRequest, workspace: Path[str], number: int) -> Status[None]:
    """One's own; admins withdraw anybody's."""
    who = caller(request, workspace)
    found = links.open_links(who.workspace, who.clock).filter(pk=number).first()
    if found is None:
        raise NotFound(f"There is no open link {number}.")
    links.revoke(found, by=who.member, now=who.clock)
    return Status(204, None)
