"""Which events come in, which should, and what is odd about them?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from headway.accounts.actions import save_settings
from headway.engine.errors import HeadwayError, NotFound
from headway.goals.resting import NOTHING, Resting, resting
from headway.ingest.models import Report
from headway.ingest.people import rewriting
from headway.ingest.personal import SUGGESTED
from headway.ingest.plan import planning, tracking
from headway.ingest.plan.oddities import CODES, MISSPELT, UNKNOWN
from headway.ingest.plan.tracking import Row
from headway.stores.census import TYPES
from headway.web.context import Here, inside
from headway.web.exports import data
from headway.web.paging import paged

MOST = 50
ODD_SHOWN, NAMES_SHOWN = 20, 200
DONE = {
    planning.ACCEPTED: "It is accepted.",
    planning.RENAMED: "It is read so from now on.",
    planning.IGNORED: "It is not reported again.",
}


@dataclass(frozen=True)
class Odd:
    """A report with what rests on its event."""

    report: Report
    rests: Resting

    @property
    def title(self) -> str:
        return CODES[self.report.code].capitalize()

    @property
    def may_be_renamed(self) -> bool:
        return self.report.code in (UNKNOWN, MISSPELT)


@inside
def page(here: Here) -> HttpResponse:
    rows, rests = tracking.rows(here.workspace), resting(here.workspace)
    reports = tracking.open_reports(here.workspace)
    return data(here.request, "tracking", [as_row(r, rests) for r in rows]) or here.show(
        "tracking.html",
        title="Tracking plan",
        tab="tracking",
        odd=[Odd(r, rests.get(r.event, NOTHING)) for r in reports[:ODD_SHOWN]],
        more_odd=len(reports[ODD_SHOWN:]),
        list=paged(here.request, [(row, rests.get(row.name, NOTHING)) for row in rows], MOST),
        declared=sum(row.planned is not None for row in rows),
        names=_names(rows),
        personal=here.workspace.personal,
        suggested={n: w for n, w in SUGGESTED.items() if n not in here.workspace.personal},
        cleaning=here.workspace.rewrites.filter(kind="personal").first(),
    )


def _names(rows: list[Row]) -> list[str]:
    """What a misspelt event may be read as: the plan, and the most frequent of the rest."""
    found = sorted((row for row in rows if not row.read_as), key=lambda row: row.planned is None)
    return [row.name for row in found[:NAMES_SHOWN]]


def as_row(row: Row, rests: dict[str, Resting]) -> dict[str, Any]:
    """As files and programs read it."""
    return {
        "event": row.name,
        "state": row.state,
        "rows": row.seen.rows if row.seen else 0,
        "first_at": row.seen.first_at.isoformat() if row.seen else "",
        "last_at": row.seen.last_at.isoformat() if row.seen else "",
        "properties": {p["name"]: p["seen"] or p["declared"] for p in row.properties},
        "metrics": [metric.key for metric in rests.get(row.name, NOTHING).metrics],
    }


@inside
def settle(here: Here, number: int) -> HttpResponse:
    report = here.workspace.reports.filter(pk=number, settled_at=None).first()
    if report is None:
        raise NotFound("This report is settled already.")
    posted = here.request.POST
    if here.request.method == "POST":
        way = posted.get("do", "")
        to, past = posted.get("to", ""), bool(posted.get("past"))
        if _tried(here, lambda: planning.settle(report, way, to=to, past=past, **_who(here))):
            messages.success(here.request, DONE[way])
    return here.go("tracking")


@inside
def event(here: Here) -> HttpResponse:
    """One event: what came of it, and what the plan says."""
    name = here.request.POST.get("event") or here.request.GET.get("event", "")
    row = next((r for r in tracking.rows(here.workspace) if r.name == name), None)
    if here.request.method == "POST":
        if here.request.POST.get("do") == "remove" and row and row.planned:
            planned = row.planned
            done = _tried(here, lambda: planning.undeclare(planned, **_who(here)))
        else:
            done = _tried(here, lambda: _declare(here, name))
        if done:
            messages.success(here.request, "The tracking plan is saved.")
            return here.go("tracking")
    return here.show(
        "tracking_event.html",
        title=name or "New event",
        row=row,
        name=name,
        types=TYPES,
        rests=resting(here.workspace, [name]).get(name, NOTHING),
        also=here.request.POST.get(
            "also", ", ".join(row.planned.also if row and row.planned else [])
        ),
        description=here.request.POST.get(
            "description", row.planned.description if row and row.planned else ""
        ),
        properties=_given(here.request) or (row.properties if row else []),
        status=422 if here.request.method == "POST" else 200,
    )


@inside
def start(here: Here) -> HttpResponse:
    """From what is seen to a plan, in one click."""
    if here.request.method == "POST" and _tried(
        here, lambda: planning.declare_seen(here.workspace, **_who(here))
    ):
        messages.success(here.request, "What came in so far is the plan; change what is not right.")
    return here.go("tracking")


@inside
def personal(here: Here) -> HttpResponse:
    """Which properties are personal; and what was written before is cleaned on request."""
    posted = here.request.POST
    if here.request.method == "POST" and posted.get("do") == "clean":
        if _tried(here, lambda: rewriting.ask_personal(here.workspace, **_who(here))):
            messages.success(here.request, "The worker cleans what was written before.")
    elif here.request.method == "POST":
        marks = _marks(here)
        if _tried(here, lambda: save_settings(here.workspace, {"personal": marks}, **_who(here))):
            messages.success(here.request, "It holds for whatever comes in from now on.")
    return here.go("tracking")


def _marks(here: Here) -> dict[str, str]:
    posted = here.request.POST
    names = zip(posted.getlist("name"), posted.getlist("way"), strict=False)
    return {name.strip(): way for name, way in names if name.strip() and way}


def _declare(here: Here, name: str) -> Any:
    return planning.declare(
        here.workspace,
        name,
        description=here.request.POST.get("description", ""),
        also=here.request.POST.get("also", "").split(","),
        properties={
            p["name"]: {"type": p["declared"], "required": p["required"]}
            for p in _given(here.request)
            if p["in_plan"]
        },
        **_who(here),
    )


def _given(request: HttpRequest) -> list[dict[str, Any]]:
    """The rows of the form: a property is in the plan where its box says so."""
    posted = request.POST
    return [
        {
            "name": name.strip(),
            "declared": posted.get(f"type-{n}", ""),
            "required": f"required-{n}" in posted,
            "in_plan": f"in-{n}" in posted,
        }
        for n, name in enumerate(posted.getlist("property"))
        if name.strip()
    ]


def _who(here: Here) -> dict[str, Any]:
    return {"by": here.member, "now": timezone.now()}


def _tried(here: Here, attempt: Any) -> bool:
    try:
        attempt()
    except HeadwayError as error:
        messages.error(here.request, str(error))
        return False
    return True
