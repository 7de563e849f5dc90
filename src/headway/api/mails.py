"""Which mails the token's member gets."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Path, Router

from headway.api import forms
from headway.api.context import caller
from headway.notify import subscriptions
from headway.notify.models import Topic

router = Router()


@router.get("", summary="Read which mails you get", response=dict[str, bool])
def show(request: HttpRequest, workspace: Path[str]) -> dict[str, bool]:
    """`reminder`, `digest`, `mention` and `alert`."""
    found = subscriptions.wanted(caller(request, workspace).member)
    return {topic: topic in found for topic in Topic.values}


@router.put("", summary="Choose which mails you get", response=dict[str, bool])
def put(request: HttpRequest, workspace: Path[str], body: forms.Mails) -> dict[str, bool]:
    who = caller(request, workspace)
    asked = body.dict(exclude_none=True)
    subscriptions.subscribe(who.member, asked, now=who.clock)
    return show(request, workspace)
