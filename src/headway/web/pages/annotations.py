"""What happened: launches, incidents, campaigns, holidays and notes, and tables of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.engine.errors import HeadwayError, InputError, NotAllowed, NotFound, nearest
from headway.metrics.happened.annotations import subject
from headway.metrics.happened.happenings import covered, listed
from headway.metrics.happened.sheet import COLUMNS, Brought, bring, sheet
from headway.metrics.models import Annotation, AnnotationKind, Metric
from headway.web import exports
from headway.web.context import Here, inside
from headway.web.forms.fields import refuse
from headway.web.history import url

MOST = 100
MEGABYTE = 1_000_000


class TableForm(forms.Form):
    """A file, or rows typed into the page: those that were not read stand there to be mended."""

    file = forms.FileField(required=False, label="A CSV file")
    rows = forms.CharField(
        required=False,
        strip=False,
        label="Or its rows",
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and (file.size or 0) > settings.UPLOAD_MEGABYTES * MEGABYTE:
            raise forms.ValidationError(f"Up to {settings.UPLOAD_MEGABYTES} MB are taken.")
        return file

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not self.errors and not found.get("file") and not found.get("rows", "").strip():
            self.add_error("file", "Choose a file, or type rows below.")
        return found

    @property
    def text(self) -> str:
        """Raises InputError for what is no text."""
        file = self.cleaned_data["file"]
        if not file:
            return str(self.cleaned_data["rows"])
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise InputError(
                "It is not in UTF-8.", where="file", fix="Save it as UTF-8."
            ) from error


@inside
def page(here: Here) -> HttpResponse:
    kind, metric = _asked(here)
    living = here.workspace.metrics.filter(archived_at=None)
    rows = listed(here.workspace, kind=kind, metric=metric)
    if here.request.GET.get("format") == "csv":
        return _csv(rows)
    return exports.data(here.request, "annotations", map(_row, rows)) or here.show(
        "annotations.html",
        title="What happened",
        rows=[(row, covered(row), url(here, subject(row))) for row in rows[:MOST]],
        left_out=max(len(rows) - MOST, 0),
        kinds=AnnotationKind.choices,
        kind=kind,
        metric=metric,
        metrics=living.order_by("name").values_list("key", "name"),
        archived=list(here.workspace.annotations.exclude(archived_at=None)),
        form=TableForm(),
        columns=COLUMNS,
    )


@inside
def table(here: Here) -> HttpResponse:
    gate.require(here.member, "write")
    form, brought = TableForm(here.request.POST or None, here.request.FILES or None), None
    if here.request.method == "POST" and form.is_valid():
        brought = _bring(here, form)
        if brought and not brought.bad:
            messages.success(here.request, brought.words)
            return here.go("annotations")
    if brought:
        form = TableForm(initial={"rows": brought.rest})
    return here.show(
        "annotation_table.html",
        title="Bring in a table",
        form=form,
        brought=brought,
        columns=COLUMNS,
    )


def _bring(here: Here, form: TableForm) -> Brought | None:
    try:
        return bring(here.workspace, form.text, by=here.member, now=timezone.now())
    except NotAllowed:
        raise
    except HeadwayError as error:
        refuse(form, error)
        return None


def _asked(here: Here) -> tuple[str, Metric | None]:
    kind, key = here.request.GET.get("kind", ""), here.request.GET.get("metric", "")
    if kind and kind not in AnnotationKind.values:
        fix = nearest(kind, AnnotationKind.values) or f"Use {', '.join(AnnotationKind.values)}."
        raise InputError(f"`{kind[:20]}` is no kind of annotation.", where="kind", fix=fix)
    return kind, _metric(here, key) if key else None


def _metric(here: Here, key: str) -> Metric:
    living = here.workspace.metrics.filter(archived_at=None)
    found: Metric | None = living.filter(key=key).first()
    if found is None:
        fix = nearest(key, living.values_list("key", flat=True))
        raise NotFound(f"There is no metric `{key}` in {here.workspace}.", fix=fix)
    return found


def _csv(rows: list[Annotation]) -> HttpResponse:
    """As it is read back."""
    response = HttpResponse(sheet(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="annotations.csv"'
    return response


def _row(row: Annotation) -> dict[str, Any]:
    return {
        "key": row.key,
        "kind": row.kind,
        "title": row.title,
        "starts": row.starts.isoformat(),
        "ends": row.ends.isoformat() if row.ends else None,
        "covers": covered(row),
        "output": bool(row.origin),
        "link": row.link,
        "description": row.description,
    }
