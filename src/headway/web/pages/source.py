"""One source: is it alive, what came in, and what was refused and why."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from headway.accounts import gate
from headway.engine.errors import NotFound
from headway.ingest.actions import fetch_now, probe_again
from headway.ingest.dialects import DIALECTS
from headway.ingest.models import Seen, Source
from headway.metrics.models import Metric
from headway.metrics.resting import resting
from headway.web.arrivals import arrivals
from headway.web.context import Here, inside
from headway.web.exports import data
from headway.web.fetches import Health, webhook
from headway.web.forms.source import may_change

IMPORTS_SHOWN = 20
REFUSALS_SHOWN = 20
NAMES_SHOWN = 50


@inside
def page(here: Here, key: str) -> HttpResponse:
    source = _source(here, key)
    [found] = arrivals(here, [source])
    imports = source.imports.order_by("-finished_at")[:IMPORTS_SHOWN]
    rows = [{"day": d.day.isoformat(), "rows": d.value} for d in found.days]
    return data(here.request, f"source-{key}", rows) or here.show(
        "source.html",
        title=str(source),
        source=source,
        definition=source.definition,
        arrivals=found,
        imports=imports,
        names=source.names[:NAMES_SHOWN],
        seen=_seen(here, source),
        **({} if source.is_warehouse else _sending(source)),
        **(_fetching(source) if source.is_fetched else {}),
        may_edit=may_change(here, source.kind),
        sees_people=gate.allows(here.member, "see people"),
    )


def _seen(here: Here, source: Source) -> list[tuple[Seen, list[Metric]]]:
    """The events that came through it, the most frequent first, with the metrics that use them."""
    rows = list(source.seen.order_by("-rows", "name")[:NAMES_SHOWN])
    uses = resting(here.workspace) if rows else {}
    return [(row, uses.get(row.name, [])) for row in rows]


def _sending(source: Source) -> dict[str, Any]:
    """Its keys with a command that works, and what became of deliveries."""
    keys = list(source.write_keys.filter(revoked_at=None))
    aside = source.inbox.exclude(problem="").order_by("pk").only("problem")
    return {
        "keys": keys,
        "address": settings.BASE_URL,
        "curl": _curl(keys[0].value) if keys else "",
        "dialects": ", ".join(dialect.title for dialect in DIALECTS.values()),
        "waiting": source.inbox.filter(problem="").count(),
        "aside": list(aside[:REFUSALS_SHOWN]),
        "refusals": source.refusals.all()[:REFUSALS_SHOWN],
    }


def _fetching(source: Source) -> dict[str, Any]:
    keys = list(source.write_keys.filter(revoked_at=None)[:1])
    return {"health": Health(source, timezone.now()), **webhook(source, keys)}


def _curl(key: str) -> str:
    event = {"type": "track", "event": "signed_up", "userId": "u1"}
    body = json.dumps({"batch": [event]})
    return f"curl -u {key}: {settings.BASE_URL}/v1/batch -d '{body}'"


@inside
def again(here: Here, key: str) -> HttpResponse:
    """Has the worker look at the table, or fetch, in its next pass."""
    source = _source(here, key)
    if here.request.method == "POST" and source.is_fetched:
        fetch_now(source, by=here.member)
        messages.success(here.request, "The worker fetches it in its next pass.")
    elif here.request.method == "POST":
        probe_again(source, by=here.member)
        messages.success(here.request, "The worker looks at the table in its next pass.")
    return here.go("source", key)


@inside
def rejects(here: Here, key: str, number: int) -> HttpResponseBase:
    """The reject file of one import, as it was written: rows with the ids of people in them."""
    gate.require(here.member, "see people")
    run = _source(here, key).imports.filter(pk=number).exclude(reject_path="").first()
    path = settings.DATA / run.reject_path if run else None
    if path is None or not path.is_file():
        raise NotFound("This reject file is not kept any more.", fix="Import the file again.")
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


def _source(here: Here, key: str) -> Source:
    source = here.workspace.sources.select_related("fetch").filter(key=key).first()
    if source is None:
        raise NotFound(f"There is no source `{key}` in {here.workspace}.", where=key)
    return source
