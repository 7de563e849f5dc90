"""What is stored of one person, and its deletion, with a receipt; for admins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from headway.accounts import gate
from headway.charts import formats
from headway.engine.errors import HeadwayError, NotFound
from headway.ingest.models import Rewrite
from headway.ingest.people import blocking, person, rewriting
from headway.web.context import Here, inside
from headway.web.forms.fields import attempt
from headway.web.paging import paged

MOST = 30


class Asking(forms.Form):
    id = forms.CharField(
        max_length=500,
        label="Any id of theirs",
        help_text="A user id, an alias, or an anonymous id, as it was sent.",
    )
    blocks = forms.BooleanField(required=False, label="Refuse what still comes of them later")
    sure = forms.BooleanField(required=False, label="Delete for good: it cannot be brought back")


@inside
def page(here: Here) -> HttpResponseBase:
    gate.require(here.member, "administer", here.workspace)
    form = Asking(here.request.POST or None)
    found: tuple[person.Person, int] | None = None
    do = here.request.POST.get("do", "")
    if here.request.method == "POST" and form.is_valid():
        id_ = form.cleaned_data["id"]
        if do == "export":
            return _export(here, form, id_) or _shown(here, form, None)
        if do == "delete" and form.cleaned_data["sure"]:
            if job := attempt(form, lambda: _delete(here, form, id_)):
                messages.success(here.request, "Their events go with the worker's next pass.")
                return here.go("receipt", job.pk)
        else:
            found = attempt(form, lambda: person.found(here.workspace, id_))
            if do == "delete" and found:
                form.add_error("sure", "Tick this box: the events cannot be brought back.")
    return _shown(here, form, found)


def _shown(here: Here, form: Asking, found: tuple[person.Person, int] | None) -> HttpResponse:
    jobs = here.workspace.rewrites.all()
    return here.show(
        "people.html",
        title="People's data",
        tab="people",
        form=form,
        ids=found[0].ids if found else [],
        count=found[1] if found else None,
        list=paged(here.request, list(jobs), MOST),
        status=422 if form.errors else 200,
    )


def _delete(here: Here, form: Asking, id_: str) -> Rewrite:
    return rewriting.ask_person(
        here.workspace,
        id_,
        blocks=form.cleaned_data["blocks"],
        by=here.member,
        now=timezone.now(),
    )


def _export(here: Here, form: Asking, id_: str) -> HttpResponseBase | None:
    try:
        rows = person.exported(here.workspace, id_, by=here.member)
    except HeadwayError as error:
        form.add_error("id", str(error))
        return None
    response = StreamingHttpResponse(lines(rows), content_type="application/x-ndjson")
    response["Content-Disposition"] = 'attachment; filename="person.ndjson"'
    return response


def lines(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    return (json.dumps(row, default=str, ensure_ascii=False) + "\n" for row in rows)


@inside
def receipt(here: Here, number: int) -> HttpResponse:
    gate.require(here.member, "administer", here.workspace)
    job = here.workspace.rewrites.filter(pk=number).first()
    if job is None:
        raise NotFound("There is no such receipt.")
    if here.request.method == "POST" and here.request.POST.get("do") == "unblock":
        blocking.unblock_all(job, by=here.member, now=timezone.now())
        messages.success(here.request, "What still comes of them is taken as new from now on.")
        return here.go("receipt", job.pk)
    account = job.account
    return here.show(
        "receipt.html",
        title="Receipt",
        tab="people",
        job=job,
        account=account,
        events=formats.number(account.get("events", 0)),
        parts=account.get("parts", []),
        elsewhere=account.get("elsewhere", []),
    )
