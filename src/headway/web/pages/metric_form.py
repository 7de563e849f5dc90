"""How do I measure X? The fields that matter, and what they give on the events that are there."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from headway.accounts import gate
from headway.engine.definition import PEOPLE
from headway.engine.errors import DefinitionError, HeadwayError, NotFound
from headway.engine.kinds import KINDS
from headway.ingest.manifest.store import event_names, store_for
from headway.metrics import actions
from headway.metrics.catalogue import template as template_of
from headway.metrics.catalogue import templates
from headway.metrics.models import Entry, Metric
from headway.metrics.needs import events_of, renamed
from headway.web import remarks
from headway.web.context import Here, inside
from headway.web.forms.fields import DayField, attempt
from headway.web.forms.metric_document import MetricForm
from headway.web.forms.seen import watch
from headway.web.inputs import Inputs
from headway.web.own_names import OwnName, mapping, own_names
from headway.web.pages.kpi import metric_of
from headway.web.preview import Preview, preview, refuse_taken

EMPTY = {"kind": "", "level": "kpi"}


class Entering(forms.Form):
    day = DayField(help_text="The period that this day lies in gets the value.")
    value = forms.FloatField(widget=forms.NumberInput(attrs={"step": "any"}))


@inside
def new(here: Here, template: str) -> HttpResponse:
    gate.require(here.member, "write", here.workspace)
    known, question, warning = _start(template)
    rows = own_names(events_of(known), event_names(here.workspace), here.request.GET)
    named = {"owner": here.member.person.email} | renamed(known, mapping(rows))
    return _form(here, named, heading=question, creates=True, warning=warning, names=rows)


@inside
def edit(here: Here, key: str) -> HttpResponse:
    gate.require(here.member, "write", here.workspace)
    metric = metric_of(here, key)
    return _form(here, metric.document, heading=f"Edit {metric}", metric=metric)


@inside
def preview_only(here: Here) -> HttpResponse:
    """Only the preview, for the form that is being typed."""
    posted = here.request.POST
    kind = posted.get("kind", "")
    if kind not in KINDS:
        raise NotFound(f"There is no kind of metric `{kind}`.")
    saved = posted.get("saved_key", "")
    known = {"kind": kind, "key": saved, "unit": posted.get("unit", "")}
    form = MetricForm(here, kind, posted, known=known, saved=bool(saved))
    inputs = _inputs(here, form, {"kind": kind}, event_names(here.workspace))
    found, problem = _previewed(here, form, inputs)
    said = remarks.of_kpi(here, form.document) if form.is_valid() else ()
    shown = {"here": here, "preview": found, "problem": problem, "findings": said}
    return render(here.request, "components/preview.html", shown)


@inside
def enter(here: Here, key: str) -> HttpResponse:
    """Types a value of a manual metric."""
    metric = metric_of(here, key)
    form = Entering(here.request.POST or None, initial={"day": here.today})
    posted = here.request.method == "POST"
    saved = attempt(form, lambda: _enter(here, metric, form)) if posted else None
    if saved:
        messages.success(here.request, "Saved. The chart follows when the worker has run.")
        return here.go("kpi", key)
    entries = metric.entries.select_related("by").order_by("-day")[:20]
    status = 422 if form.errors else 200
    title = f"Type a value of {metric}"
    return here.show(
        "kpi_enter.html", title=title, metric=metric, form=form, entries=entries, status=status
    )


@inside
def archive(here: Here, key: str) -> HttpResponse:
    """Out of the board, or back onto it."""
    metric = metric_of(here, key)
    if here.request.POST.get("do") == "restore":
        actions.restore_metric(metric, by=here.member, now=timezone.now())
        messages.success(here.request, f"{metric} is back. Its numbers follow in a moment.")
    elif here.request.method == "POST":
        actions.archive_metric(metric, by=here.member, now=timezone.now())
        messages.success(here.request, f"{metric} is archived. Its numbers are kept.")
    return here.go("kpi", key)


def _start(key: str) -> tuple[dict[str, Any], str, str]:
    """Document, question and warning of a template, or an empty metric of a kind."""
    if key in KINDS and key not in {one.key for one in templates()}:
        return EMPTY | {"kind": key}, f"New metric of kind {key}", ""
    found = template_of(key)
    return dict(found.document), found.question, found.warning


def _form(
    here: Here,
    known: dict[str, Any],
    *,
    heading: str,
    creates: bool = False,
    metric: Metric | None = None,
    warning: str = "",
    names: Sequence[OwnName] = (),
) -> HttpResponse:
    posted = here.request.POST or None
    form = MetricForm(here, known["kind"], posted, known=known, saved=not creates)
    if metric:
        watch(form, here, f"metric:{metric.key}")
    events = event_names(here.workspace)
    inputs = _inputs(here, form, known, events)
    found: Preview | None = None
    problem = ""
    if here.request.method == "POST":
        if here.request.POST.get("do") == "preview":
            found, problem = _previewed(here, form, inputs)
        elif saved := attempt(form, lambda: _save(here, form, creates, inputs)):
            messages.success(here.request, f"{saved} is saved. Its numbers follow in a moment.")
            return here.go("kpi", saved.key)
    store = store_for(here.workspace)
    metrics = here.workspace.metrics.filter(archived_at=None).order_by("key")
    named = list(metrics.values_list("key", "name", "family"))
    return here.show(
        "metric_form.html",
        title=heading,
        form=form,
        kind=KINDS[known["kind"]],
        kind_name=known["kind"],
        metric=metric,
        warning=warning,
        names=names,
        filled=metric is not None or bool({*known} - {*EMPTY, "owner"}),
        inputs=inputs,
        preview=found,
        problem=problem,
        findings=remarks.of_kpi(here, form.document) if found else (),
        events=events,
        properties=store.properties,
        subjects=[*PEOPLE, *store.properties],
        metrics=named,
        families=sorted({family for _, _, family in named if family}),
        sources=here.workspace.sources.order_by("key"),
        status=422 if form.errors and found is None else 200,
    )


def _inputs(
    here: Here, form: MetricForm, known: Mapping[str, Any], events: Collection[str]
) -> Inputs:
    """What the typed formula, or the template's, needs beside what is here."""
    posted = here.request.POST if here.request.method == "POST" else None
    typed = form.is_bound and form.is_valid()
    return Inputs.of(here, form.document if typed else known, events, posted)


@transaction.atomic
def _save(here: Here, form: MetricForm, creates: bool, inputs: Inputs) -> Metric:
    document, now = form.document, timezone.now()
    if creates:
        refuse_taken(here, document)
    try:
        inputs.make(here, now)
        return actions.save_metric(
            here.workspace, document, by=here.member, now=now, note=form.cleaned_data["note"]
        )
    except DefinitionError as error:
        raise _at_field(error) from None


def _previewed(here: Here, form: MetricForm, inputs: Inputs) -> tuple[Preview | None, str]:
    if not form.is_valid():
        missing = [str(form[name].label) for name in form.errors if name in form.fields]
        return None, f"To fill in or mend: {', '.join(missing)}." if missing else ""
    try:
        return preview(here, form.document, timezone.now(), inputs.made.values()), ""
    except HeadwayError as error:
        return None, f"{error.message} {error.fix}".strip()


def _at_field(error: DefinitionError) -> DefinitionError:
    """`metric x, field steps[0].event` → the form's field `steps`."""
    found = re.search(r"field `(\w+)", error.where)
    return DefinitionError(error.message, where=found[1] if found else error.where, fix=error.fix)


def _enter(here: Here, metric: Metric, form: Entering) -> Entry:
    given = form.cleaned_data
    return actions.enter_value(
        metric, given["day"], given["value"], by=here.member, now=timezone.now()
    )
