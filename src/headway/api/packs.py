"""Starter packs: what a business measures, made at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from ninja import Path, Router

from headway.accounts import gate
from headway.api import answers, forms
from headway.api.context import caller
from headway.metrics.packs import Pack, pack, packs
from headway.metrics.starting import start_from

router = Router()


@router.get("", summary="List packs", response=list[answers.PackLine])
def index(request: HttpRequest, workspace: Path[str]) -> Iterable[Pack]:
    caller(request, workspace)
    return packs()


@router.get("/{key}", summary="Read a pack", response=answers.Pack)
def show(request: HttpRequest, workspace: Path[str], key: str) -> dict[str, Any]:
    """Its metrics as documents, and the events to send for them."""
    caller(request, workspace)
    found = pack(key)
    return {
        **{name: getattr(found, name) for name in ("key", "name", "who", "why", "north_star")},
        "value_event": found.value.event,
        "metrics": list(found.documents.values()),
        "guardrails": {kpi.metric: found.guardrails(kpi) for kpi in found.kpis},
        "tracking": found.tracking,
    }


@router.post("/{key}", summary="Start from a pack", response=answers.Started)
def start(
    request: HttpRequest, workspace: Path[str], key: str, body: forms.Start
) -> dict[str, list[str]]:
    """Makes the metrics that are missing, with what they are computed from; changes none."""
    who = caller(request, workspace)
    gate.require(who.member, "write")
    started = start_from(
        who.workspace,
        pack(key),
        keys=body.metrics,
        names=body.events,
        by=who.member,
        now=who.clock,
    )
    return {"made": [metric.key for metric in started.made], "kept": list(started.kept)}
