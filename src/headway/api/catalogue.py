"""The catalogue: KPIs that are ready to be put into a workspace."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from ninja import Path, Router

from headway.api import answers
from headway.api.context import caller
from headway.metrics.catalogue import Template, template, templates

router = Router()


@router.get("", summary="List templates", response=list[answers.Template])
def index(request: HttpRequest, workspace: Path[str]) -> Iterable[Template]:
    caller(request, workspace)
    return templates()


@router.get("/{key}", summary="Read a template", response=answers.Template)
def show(request: HttpRequest, workspace: Path[str], key: str) -> Template:
    caller(request, workspace)
    return template(key)
