"""Checking in: one key result, or all of one's own that are due, two minutes a week."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from headway.accounts import gate
from headway.engine.errors import DefinitionError
from headway.engine.period import Grain
from headway.goals import actions
from headway.goals.models import CheckIn, KeyResult, Shape
from headway.web.context import Here, inside
from headway.web.forms.fields import (
    Chosen,
    DependingNumber,
    DependingText,
    attempt,
    read_amount,
    written,
)
from headway.web.pages.key_result import find
from headway.web.pages.objective import find as find_objective
from headway.web.paging import paged
from headway.web.standing import Standing, living, own, standings

MOST = 20
"""So many stand on a page."""


class CheckInForm(forms.Form):
    """`value` is there for key results typed by hand only, `done` for milestones that are open."""

    value = DependingText(
        label="Value now", widget=forms.TextInput(attrs={"autocomplete": "off", "size": 12})
    )
    confidence = DependingNumber(
        min_value=0,
        max_value=10,
        label="Confidence, 0 – 10",
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    note = DependingText(
        max_length=2000,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": "What moved it, or what is in the way"}
        ),
    )
    done = forms.MultipleChoiceField(
        required=False, widget=Chosen, label="Done since the last check-in"
    )
    use_required_attribute = False

    def __init__(self, key_result: KeyResult, data: Any = None, *, listed: bool = False) -> None:
        """`listed` among others in one form: its fields have names of their own."""
        value = written(key_result.value, key_result.unit)
        prefix = str(key_result.pk) if listed else None
        auto_id = "id_%s" if listed else f"id_{key_result.pk}_%s"
        super().__init__(data, auto_id=auto_id, initial={"value": value}, prefix=prefix)
        self.key_result, self.listed, self.saved = key_result, listed, False
        if key_result.shape != Shape.manual:
            del self.fields["value"]
        names = open_milestones(key_result)
        if names:
            self.fields["done"].choices = [(n, n) for n in names]  # type: ignore[attr-defined]  # a choice field
        else:
            del self.fields["done"]

    def clean_value(self) -> float | None:
        workspace = self.key_result.objective.workspace
        if not self.cleaned_data["value"]:
            return None
        try:
            return read_amount(self.cleaned_data["value"], self.key_result.unit, workspace.currency)
        except DefinitionError as error:
            raise forms.ValidationError(f"{error.message} {error.fix}") from error


@inside
def page(here: Here) -> HttpResponse:
    """Those of one objective when the address names it, else one's own that are due.

    Without JavaScript all of them are one form: every row that says something is saved, and a row
    with a mistake stays as it was typed.
    """
    gate.require(here.member, "write")
    asked = here.request.GET.get("objective", "")
    found = find_objective(here, asked) if asked else None
    mine = [] if found else own(here)
    rows = standings(here, living(here).filter(objective=found)) if found else mine
    listed = paged(here.request, [row for row in rows if found or row.due], MOST)
    typed = [_listed(here, row) for row in listed.rows]
    if here.request.method == "POST":
        saved = [_save_listed(here, form) for form in typed if form.has_changed()]
        if all(saved):
            _tell(here, len(saved))
            return here.go("check_in", objective=asked)
    left = [(r, f) for r, f in zip(listed.rows, typed, strict=True) if not f.saved]
    return here.show(
        "check_ins.html",
        title=f"Check in: {found}" if found else "Check in",
        list=listed,
        rows=left,
        objective=found,
        said=[row for row in mine if not row.due and _this_week(here, row)],
        status=422 if here.request.method == "POST" else 200,
    )


def _listed(here: Here, row: Standing) -> CheckInForm:
    posted = here.request.POST if here.request.method == "POST" else None
    return CheckInForm(row.key_result, posted, listed=True)


def _save_listed(here: Here, form: CheckInForm) -> bool:
    form.saved = bool(attempt(form, lambda: _save(here, form)))
    return form.saved


def _tell(here: Here, count: int) -> None:
    if count:
        many = f"{count} check-ins are" if count > 1 else "The check-in is"
        messages.success(here.request, f"{many} saved.")
    else:
        messages.warning(here.request, "Nothing was typed, so nothing was saved.")


def _this_week(here: Here, row: Standing) -> bool:
    week = here.workspace.calendar.start_of(here.today, Grain.week)
    return row.last is not None and row.last.day >= week


@inside
def one(here: Here, objective: str, key: str) -> HttpResponse:
    gate.require(here.member, "write")
    found = find(here, objective, key)
    listed = f"{found.pk}-note" in here.request.POST
    form = CheckInForm(found, here.request.POST or None, listed=listed)
    saved = attempt(form, lambda: _save(here, form)) if here.request.method == "POST" else None
    in_place = bool(here.request.headers.get("HX-Request"))
    if saved and not in_place:
        return here.go("key_result", objective, key)
    [row] = standings(here, [find(here, objective, key) if saved else found])
    if in_place:
        return _in_place(here, row, form, saved)
    return here.show("check_in.html", title=f"Check in: {found}", row=row, form=form)


def _in_place(here: Here, row: Standing, form: CheckInForm, saved: CheckIn | None) -> HttpResponse:
    """What stands where the form was: the form with its errors, or what was said."""
    values = {"here": here, "row": row, "form": form, "saved": saved}
    return render(here.request, "components/check_in.html", values)


def _save(here: Here, form: CheckInForm) -> CheckIn:
    return actions.check_in(
        form.key_result, by=here.member, now=timezone.now(), **form.cleaned_data
    )


def open_milestones(key_result: KeyResult) -> list[str]:
    if key_result.shape != Shape.milestones:
        return []
    return [m.name for m in key_result.milestones.all() if m.done is None]
