"""What changed."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Router
from ninja.params.functions import Query

from headway.api import answers
from headway.api.context import caller
from headway.feed.models import Change

router = Router()


@router.get("", summary="List changes", response=list[answers.Change])
def index(
    request: HttpRequest,
    workspace: Path[str],
    subject: str = Query("", description="For example `key_result:fast-start/ttv`; empty: all."),
    limit: int = Query(100, ge=1, le=1000),
) -> QuerySet[Change]:
    """Newest first."""
    rows = caller(request, workspace).workspace.changes.select_related("by").order_by("-at", "-pk")
    return (rows.filter(subject=subject) if subject else rows)[:limit]
