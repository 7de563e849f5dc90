"""Are the data coming in? All sources, and the form that imports a file into one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.charts import formats
from headway.engine.errors import DefinitionError
from headway.ingest import actions
from headway.ingest.models import Import, Source
from headway.ingest.upload import on_disk
from headway.stores.reading import Mapping
from headway.web.arrivals import arrivals
from headway.web.context import Here, inside
from headway.web.exports import data
from headway.web.forms.fields import attempt
from headway.web.kept import told

MEGABYTE = 1_000_000
COLUMNS = ("event", "happened_at", "user_id", "account_id", "message_id")


class Importing(forms.Form):
    """Columns may be left empty when the file's own are called like the fields."""

    source = forms.SlugField(
        max_length=50, initial="events", help_text="An existing source, or the key of a new one."
    )
    file = forms.FileField(help_text="CSV, Parquet or NDJSON, also with .gz.")
    event = forms.CharField(required=False, label="Column with the event's name")
    name = forms.CharField(
        required=False,
        label="Or one name for every row",
        help_text="For a file of one kind of event, for example order_placed.",
    )
    happened_at = forms.CharField(required=False, label="Column with the time")
    time_format = forms.CharField(
        required=False, help_text="Only for unusual ones, for example %d.%m.%Y."
    )
    timezone = forms.CharField(
        required=False, help_text="Of times that do not say theirs, for example Europe/Berlin."
    )
    user_id = forms.CharField(required=False, label="Column with the user")
    account_id = forms.CharField(required=False, label="Column with the account")
    message_id = forms.CharField(
        required=False, label="Column with the event's own id", help_text="If there is one."
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_MEGABYTES * MEGABYTE:
            raise forms.ValidationError(
                f"It has {formats.size(file.size or 0)}; here up to {settings.UPLOAD_MEGABYTES} MB "
                "are taken. Larger files go in at the command line: headway import events FILE"
            )
        return file

    @property
    def mapping(self) -> Mapping:
        """Raises DefinitionError for a mapping that contradicts itself."""
        given: dict[str, Any] = {c: self.cleaned_data[c] or None for c in COLUMNS}
        return Mapping(
            **given,
            name=self.cleaned_data["name"],
            time_format=self.cleaned_data["time_format"],
            timezone=self.cleaned_data["timezone"] or "UTC",
        )


@inside
def page(here: Here) -> HttpResponse:
    found = arrivals(here, here.workspace.sources.select_related("fetch").order_by("name", "key"))
    return data(here.request, "sources", [a.row for a in found]) or here.show(
        "sources.html", title="Sources", found=found, tab="sources", kept=told(here.workspace)
    )


@inside
def upload(here: Here) -> HttpResponse:
    gate.require(here.member, "write", here.workspace)
    known = {"source": here.request.GET.get("source", "events")}
    form = Importing(here.request.POST or None, here.request.FILES or None, initial=known)
    if here.request.method == "POST":
        run = attempt(form, lambda: _import(here, form))
        if run:
            messages.success(here.request, _summary(run))
            return here.go("source", run.source.key)
    return here.show(
        "source_import.html",
        title="Import events",
        form=form,
        sources=[s for s in here.workspace.sources.order_by("key") if not s.is_warehouse],
        limit=settings.UPLOAD_MEGABYTES,
        status=422 if form.errors else 200,
    )


def _import(here: Here, form: Importing) -> Import:
    mapping = form.mapping
    with on_disk(form.cleaned_data["file"]) as path:
        source = _source(here, form.cleaned_data["source"])
        return actions.import_events(
            source, path, mapping=mapping, by=here.member, now=timezone.now()
        )


def _source(here: Here, key: str) -> Source:
    found = here.workspace.sources.filter(key=key).first()
    if found:
        return found
    try:
        return actions.save_source(here.workspace, key, by=here.member, now=timezone.now())
    except DefinitionError as error:
        raise DefinitionError(error.message, where="source", fix=error.fix) from None


def _summary(run: Import) -> str:
    parts = [f"{formats.number(run.added)} events came in"]
    if run.known:
        parts.append(f"{formats.number(run.known)} were known already")
    if run.rejected:
        parts.append(f"{formats.number(run.rejected)} were rejected, with the reasons below")
    return f"{run.filename}: {', '.join(parts)}. The numbers follow when the worker has run."
