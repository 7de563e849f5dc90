"""The catalogue: KPIs that are ready to be put into a workspace."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from ninja import Path, Router

from headway.accounts import gate
from headway.api import answers, forms
from headway.api.context import caller
from headway.metrics.catalogue import Template, template, templates
from headway.metrics.choice import template_with_inputs
from headway.metrics.starting import make_missing

router = Router()


@router.get("", summary="List templates", response=list[answers.Template])
def index(request: HttpRequest, workspace: Path[str]) -> Iterable[Template]:
    caller(request, workspace)
    return templates()


@router.get("/{key}", summary="Read a template", response=answers.Template)
def show(request: HttpRequest, workspace: Path[str], key: str) -> Template:
    caller(request, workspace)
    return template(key)


@router.post("/{key}", summary="Make a metric from a template", response=answers.Started)
def make(
    request: HttpRequest, workspace: Path[str], key: str, body: forms.Names
) -> dict[str, list[str]]:
    """With what it is computed from. What is there already stays as it is."""
    who = caller(request, workspace)
    gate.require(who.member, "write")
    documents = template_with_inputs(template(key).key, body.events)
    started = make_missing(who.workspace, documents, by=who.member, now=who.clock)
    return {"made": [metric.key for metric in started.made], "kept": list(started.kept)}
