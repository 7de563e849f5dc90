"""What changed, newest first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from headway.api.context import caller
from headway.feed.models import Change

router = Router()


@router.get("")
def index(
    request: HttpRequest, workspace: str, subject: str = "", limit: int = Query(100, ge=1, le=1000)
) -> list[dict[str, Any]]:
    """`subject` is for example `key_result:fast-start/ttv`; empty: everything."""
    rows = caller(request, workspace).workspace.changes.select_related("by").order_by("-at", "-pk")
    return [_shown(c) for c in (rows.filter(subject=subject) if subject else rows)[:limit]]


def _shown(change: Change) -> dict[str, Any]:
    names = ("subject", "title", "what", "before", "after", "why", "at")
    return {n: getattr(change, n) for n in names} | {"by": change.by.email if change.by else None}
