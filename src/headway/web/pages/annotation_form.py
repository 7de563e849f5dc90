"""What happened, written down: a new annotation, and one changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.accounts import gate
from headway.engine.errors import NotFound, nearest
from headway.metrics.happened.annotations import (
    archive_annotation,
    restore_annotation,
    save_annotation,
)
from headway.metrics.models import Annotation, AnnotationKind, Metric
from headway.web.context import Here, inside
from headway.web.forms.fields import Chosen, DayField, DependingChoice, attempt
from headway.web.forms.seen import watch

COVERS = [("all", "All metrics"), ("product", "A product"), ("metrics", "Some metrics")]


class AnnotationForm(forms.Form):
    kind = forms.ChoiceField(choices=AnnotationKind.choices, initial=AnnotationKind.launch)
    title = forms.CharField(max_length=160, label="What happened?")
    starts = DayField(label="On, or from")
    ends = DayField(required=False, label="Through")
    covers = forms.ChoiceField(
        choices=COVERS, initial="all", label="Covers", widget=forms.RadioSelect
    )
    product = DependingChoice(required=False, label="Product")
    metrics = forms.ModelMultipleChoiceField(
        Metric.objects.none(),
        to_field_name="key",
        required=False,
        widget=Chosen,
        label="Which metrics?",
    )
    description = forms.CharField(
        required=False, label="More words", widget=forms.Textarea(attrs={"rows": 2})
    )
    link = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        label="Link",
        help_text="A page that says more: a status page, a ticket, a release.",
    )

    def __init__(self, here: Here, row: Annotation | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(here, row))
        living = here.workspace.metrics.filter(archived_at=None)
        ordered = living.annotate(chosen=_chosen_first(row)).order_by("-chosen", "level", "name")
        metrics: Any = self.fields["metrics"]
        metrics.queryset = ordered.only("workspace_id", "key", "name")
        product: Any = self.fields["product"]
        product.choices = [(name, name) for name in _products(here, row)]
        if not product.choices:
            del self.fields["product"]
            covers: Any = self.fields["covers"]
            covers.choices = [choice for choice in COVERS if choice[0] != "product"]

    def clean(self) -> dict[str, Any]:
        """What is not chosen under “covers” is not kept."""
        found: dict[str, Any] = super().clean() or {}
        covers = found.pop("covers", "all")
        if covers != "product":
            found["product"] = ""
        elif not found.get("product"):
            self.add_error("product", "Choose the product.")
        if covers != "metrics":
            found["metrics"] = []
        elif not found.get("metrics"):
            self.add_error("metrics", "Choose at least one metric.")
        return found


@inside
def new(here: Here) -> HttpResponse:
    return _edit(here, None)


@inside
def edit(here: Here, key: str) -> HttpResponse:
    return _edit(here, find(here, key))


@require_POST
@inside
def archive(here: Here, key: str) -> HttpResponse:
    row = find(here, key)
    archive_annotation(row, by=here.member, now=timezone.now())
    return here.go("annotation", row.key)


@require_POST
@inside
def restore(here: Here, key: str) -> HttpResponse:
    row = find(here, key)
    restore_annotation(row, by=here.member, now=timezone.now())
    return here.go("annotation", row.key)


def find(here: Here, key: str) -> Annotation:
    """One that people write: launches of outputs have the outputs' pages."""
    rows = here.workspace.annotations.filter(origin="").select_related("workspace", "by")
    row: Annotation | None = rows.filter(key=key).first()
    if row is None:
        fix = nearest(key, rows.values_list("key", flat=True))
        raise NotFound(f"There is no annotation `{key}` in {here.workspace}.", fix=fix)
    return row


def _edit(here: Here, row: Annotation | None) -> HttpResponse:
    posted = here.request.method == "POST"
    if row is None or posted:
        gate.require(here.member, "write")
    form = AnnotationForm(here, row, here.request.POST or None)
    if row:
        watch(form, here, f"annotation:{row.key}")
    if posted and (saved := attempt(form, lambda: _save(here, row, form))):
        messages.success(here.request, f"“{saved}” is marked on {_where(saved)}.")
        return here.go_on("annotations")
    title = str(row) if row else "What happened?"
    return here.show("annotation_form.html", title=title, form=form, row=row)


def _save(here: Here, row: Annotation | None, form: AnnotationForm) -> Annotation:
    return save_annotation(
        here.workspace,
        key=row.key if row else None,
        by=here.member,
        now=timezone.now(),
        **form.cleaned_data,
    )


def _where(row: Annotation) -> str:
    return "every chart" if row.covers == "all" else "the charts that it covers"


def _initial(here: Here, row: Annotation | None) -> dict[str, Any]:
    if row is None:
        return {"starts": here.today}
    names = ("kind", "title", "starts", "ends", "covers", "product", "description", "link")
    chosen = {name: getattr(row, name) for name in names}
    return {**chosen, "metrics": [metric.key for metric in row.metrics.all()]}


def _chosen_first(row: Annotation | None) -> Exists:
    """Then KPIs, then other metrics."""
    chosen = Annotation.metrics.through.objects.filter(annotation=row.pk if row else None)
    return Exists(chosen.filter(metric=OuterRef("pk")))


def _products(here: Here, row: Annotation | None) -> list[str]:
    living = here.workspace.metrics.filter(archived_at=None, profile__has_key="product")
    found = {str(name) for name in living.values_list("profile__product", flat=True) if name}
    return sorted({*found, *([row.product] if row and row.product else [])})
