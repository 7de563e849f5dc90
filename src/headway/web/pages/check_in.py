"""Checking in: one key result, or all of one's own that are due, two minutes a week."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from headway.accounts import gate
from headway.engine.errors import DefinitionError
from headway.files.amounts import parse_amount
from headway.goals import actions
from headway.goals.models import CheckIn, KeyResult, Objective, Shape
from headway.web.context import Here, inside
from headway.web.forms import Chosen, DependingNumber, DependingText, attempt, plain, written
from headway.web.pages.key_result import find
from headway.web.pages.objective import find as find_objective
from headway.web.paging import paged
from headway.web.standing import Standing, due, living, standings

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

    def __init__(self, key_result: KeyResult, data: Any = None) -> None:
        value = written(key_result.value, key_result.unit)
        super().__init__(data, auto_id=f"id_{key_result.pk}_%s", initial={"value": value})
        self.key_result = key_result
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
            return parse_amount(
                plain(self.cleaned_data["value"]), self.key_result.unit, workspace.currency
            )
        except DefinitionError as error:
            raise forms.ValidationError(f"{error.message} {error.fix}") from error


@inside
def page(here: Here) -> HttpResponse:
    """Those of one objective when the address names it, else one's own that are due."""
    gate.require(here.member, "write")
    asked = here.request.GET.get("objective", "")
    found = find_objective(here, asked) if asked else None
    listed = paged(here.request, _rows(here, found), MOST)
    return here.show(
        "check_ins.html",
        title=f"Check in: {found}" if found else "Check in",
        list=listed,
        rows=[(row, CheckInForm(row.key_result)) for row in listed.rows],
        objective=found,
    )


@inside
def one(here: Here, objective: str, key: str) -> HttpResponse:
    gate.require(here.member, "write")
    found = find(here, objective, key)
    form = CheckInForm(found, here.request.POST or None)
    saved = attempt(form, lambda: _save(here, form)) if here.request.method == "POST" else None
    in_place = bool(here.request.headers.get("HX-Request"))
    if saved and not in_place:
        return here.go("key_result", objective, key)
    [row] = standings(here, [find(here, objective, key) if saved else found])
    if in_place:
        return _in_place(here, row, form, saved)
    return here.show("check_in.html", title=f"Check in: {found}", row=row, form=form)


def _rows(here: Here, found: Objective | None) -> list[Standing]:
    return standings(here, living(here).filter(objective=found)) if found else due(here)


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
