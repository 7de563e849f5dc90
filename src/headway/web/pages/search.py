"""One search over goals, KPIs, what is wrong with them, people, and what one can do here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from django.db.models import Q, QuerySet
from django.http import HttpResponse

from headway.alerting.reading import matching
from headway.goals.models import KeyResult
from headway.web.context import Here, inside
from headway.web.exports import data

MOST = 8
"""So many of each noun are shown."""


@dataclass(frozen=True, slots=True)
class Found:
    title: str
    noun: str
    url: str


@inside
def page(here: Here) -> HttpResponse:
    text = here.request.GET.get("q", "").strip()
    found = list(_search(here, text)) if text else []
    rows = [{"title": f.title, "noun": f.noun, "url": f.url} for f in found]
    exported = data(here.request, "search", rows)
    if exported:
        return exported
    suggesting = bool(here.request.headers.get("HX-Request"))
    template = "components/suggestions.html" if suggesting else "search.html"
    title = f"Search for “{text}”" if text else "Search"
    return here.show(template, title=title, found=found, asked_text=text)


def _search(here: Here, text: str) -> Iterator[Found]:
    return chain(
        _actions(here, text),
        _objectives(here, text),
        _key_results(here, text),
        _metrics(here, text),
        _alerts(here, text),
        _outputs(here, text),
        _annotations(here, text),
        _people(here, text),
    )


def _actions(here: Here, text: str) -> Iterator[Found]:
    if not here.may_write:
        return
    for title, name in (
        ("Check in", "check_in"),
        ("New objective", "objective_new"),
        ("New metric", "kpi_new"),
        ("New output", "output_new"),
        ("Mark what happened", "annotation_new"),
        ("Import events", "source_import"),
        ("New source", "source_new"),
    ):
        if text.lower() in title.lower():
            yield Found(title, "action", here.url(name))


def _objectives(here: Here, text: str) -> Iterator[Found]:
    rows = here.workspace.objectives.filter(archived_at=None)
    for row in rows.filter(Q(title__icontains=text) | Q(key__icontains=text))[:MOST]:
        yield Found(row.title, "objective", here.url("objective", row.key))


def _key_results(here: Here, text: str) -> Iterator[Found]:
    for row in _matching(here, text):
        url = here.url("key_result", row.objective.key, row.key)
        yield Found(str(row), "key result", url)


def _matching(here: Here, text: str) -> QuerySet[KeyResult]:
    rows = KeyResult.objects.filter(
        objective__workspace=here.workspace, archived_at=None, objective__archived_at=None
    )
    words = Q(title__icontains=text) | Q(key__icontains=text) | Q(metric__name__icontains=text)
    return rows.filter(words).select_related("objective", "metric")[:MOST]


def _metrics(here: Here, text: str) -> Iterator[Found]:
    rows = here.workspace.metrics.filter(archived_at=None)
    for row in rows.filter(Q(name__icontains=text) | Q(key__icontains=text))[:MOST]:
        noun = "KPI" if row.level == "kpi" else "metric"
        yield Found(row.name, noun, here.url("kpi", row.key))


def _alerts(here: Here, text: str) -> Iterator[Found]:
    for story in matching(here.workspace, here.today, text, MOST):
        noun = "alert, over" if story.state == "resolved" else f"alert, {story.state}"
        yield Found(story.title, noun, here.url("alert", story.alert.pk))


def _outputs(here: Here, text: str) -> Iterator[Found]:
    rows = here.workspace.outputs.filter(archived_at=None)
    for row in rows.filter(Q(name__icontains=text) | Q(key__icontains=text))[:MOST]:
        yield Found(row.name, "output", here.url("output", row.key))


def _annotations(here: Here, text: str) -> Iterator[Found]:
    rows = here.workspace.annotations.filter(archived_at=None, origin="")
    for row in rows.filter(Q(title__icontains=text) | Q(key__icontains=text))[:MOST]:
        yield Found(row.title, row.get_kind_display().lower(), here.url("annotation", row.key))


def _people(here: Here, text: str) -> Iterator[Found]:
    named = Q(person__name__icontains=text) | Q(person__email__icontains=text)
    for row in here.workspace.members.filter(named).select_related("person")[:MOST]:
        yield Found(str(row), "person", here.url("objectives", owner=row.person.email))
