"""Where does a team begin? With what others in its business measure, and the events for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from headway.engine.errors import HeadwayError, NotAllowed
from headway.engine.kinds import parse
from headway.engine.phrases import sentence
from headway.ingest.manifest.store import event_names
from headway.metrics.choice import names_in
from headway.metrics.definitions import documents_of
from headway.metrics.packs import Kpi, Pack, Tracked, lines, packs, tracked
from headway.metrics.packs import pack as pack_of
from headway.metrics.stages import by_stage
from headway.metrics.starting import Started, start_from
from headway.web.context import Here, inside
from headway.web.own_names import OwnName, mapping, own_names

Document = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A metric of the pack. `there`: the workspace has a metric with its key."""

    kpi: Kpi
    family: str
    name: str
    meaning: str
    words: str
    inputs: Sequence[str]
    guardrails: Sequence[str]
    drives: Sequence[str]
    ticked: bool
    there: bool
    north_star: bool


@dataclass(frozen=True)
class Sent:
    """An event of the tracking list and the name that it has here."""

    tracked: Tracked
    name: OwnName


@inside
def index(here: Here) -> HttpResponse:
    there = _there(here)
    found = [(one, sum(kpi.metric in there for kpi in one.kpis)) for one in packs()]
    return here.show("packs.html", title="Start from a pack", found=found)


@inside
def page(here: Here, pack: str) -> HttpResponse:
    found = pack_of(pack)
    known = event_names(here.workspace)
    before = names_in(found.documents, _documents(here, found))
    names = own_names([t.event for t in found.tracking], known, here.request.POST, before)
    problem = ""
    if here.request.method == "POST":
        try:
            return _started(here, found, _start(here, found, names), bool(known))
        except NotAllowed:
            raise
        except HeadwayError as error:
            problem = f"{error.message} {error.fix}".strip()
    rows = _rows(here, found)
    return here.show(
        "pack.html",
        title=f"Starter pack: {found.name}",
        pack=found,
        stages=by_stage(rows, lambda row: row.family),
        total=len(rows),
        missing=sum(not row.there for row in rows),
        asks=here.may_write and not all(row.there for row in rows),
        north_star=next(row for row in rows if row.north_star),
        sent=[Sent(tracked(found, name.event), name) for name in names],
        seen=sum(name.seen for name in names),
        lines=lines(found.tracking),
        columns=_columns(found),
        events=known,
        problem=problem,
        status=422 if problem else 200,
    )


def _start(here: Here, found: Pack, names: list[OwnName]) -> Started:
    keys = here.request.POST.getlist("keys")
    return start_from(
        here.workspace,
        found,
        keys=keys,
        names=mapping(names),
        by=here.member,
        now=timezone.now(),
    )


def _started(here: Here, found: Pack, started: Started, events: bool) -> HttpResponse:
    """Back to the board, or while there are no events to the list of those to send."""
    if not started.made:
        messages.info(here.request, "Nothing was made: tick at least one that is not here yet.")
        return here.go("pack", found.key)
    count = len(started.made)
    many = "1 metric" if count == 1 else f"{count} metrics"
    made = f"{many} of {found.name} {'is' if count == 1 else 'are'} made."
    if not events:
        messages.success(here.request, f"{made} They wait for the events below.")
        return here.go("pack", found.key)
    messages.success(here.request, f"{made} The numbers follow when the worker has run.")
    return here.go("kpis")


def _rows(here: Here, found: Pack) -> list[Row]:
    there, posted = _there(here), here.request.method == "POST"
    documents = found.documents
    ticked = here.request.POST.getlist("keys") if posted else documents
    names = {key: document["name"] for key, document in documents.items()}
    return [
        _row(found, kpi, documents[kpi.metric], names, kpi.metric in ticked, kpi.metric in there)
        for kpi in found.kpis
    ]


def _row(
    found: Pack, kpi: Kpi, document: Document, names: dict[str, str], ticked: bool, there: bool
) -> Row:
    definition = parse(document)
    return Row(
        kpi=kpi,
        family=document["family"],
        name=document["name"],
        meaning=document["description"],
        words=sentence(definition),
        inputs=[names[key] for key in definition.inputs()],
        guardrails=[names[key] for key in found.guardrails(kpi)],
        drives=[names[key] for key in kpi.drives],
        ticked=ticked,
        there=there,
        north_star=kpi.metric == found.north_star,
    )


def _documents(here: Here, found: Pack) -> dict[str, dict[str, Any]]:
    """Of the metrics of the pack that are here."""
    there = documents_of(here.workspace, found.documents)
    return {metric.key: document for metric, document in there.items()}


def _there(here: Here) -> set[str]:
    return set(here.workspace.metrics.values_list("key", flat=True))


def _columns(found: Pack) -> str:
    """The head of a CSV file that has room for every event."""
    properties = dict.fromkeys(name for t in found.tracking for name in t.properties)
    return ",".join(["event", "happened_at", "user_id", "account_id", *properties])
