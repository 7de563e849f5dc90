"""How much of an objective each of its key results is: one changes, the others make room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from headway.accounts import gate
from headway.goals import actions
from headway.goals.models import KeyResult, Objective
from headway.goals.shares import balanced, shares
from headway.web.context import Here, inside
from headway.web.forms.fields import DependingText, attempt
from headway.web.pages.objective import find

TENTHS = 1000
"""Shares are shown in tenths of a percent."""


class SharesForm(forms.Form):
    """A field for each key result, in percent; those left as they were make room."""

    reason = DependingText(
        max_length=300,
        label="Why they change",
        help_text="The cycle has opened: a change of what is asked stays beside the key results, "
        "with this reason.",
    )
    use_required_attribute = False

    def __init__(self, here: Here, rows: list[KeyResult], data: Any = None) -> None:
        super().__init__(data)
        self.keys = [row.key for row in rows]
        self.shown = _shown(rows, here.request.POST or here.request.GET)
        for row in rows:
            widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
            text = f"{self.shown[row.key]:g}"
            self.fields[row.key] = forms.FloatField(label=str(row), initial=text, widget=widget)
        if not any(row.cycle.starts <= here.today for row in rows):
            del self.fields["reason"]

    @property
    def found(self) -> dict[str, float]:
        """What is typed stays; what still is as it was shown makes room."""
        typed = [self.cleaned_data[key] for key in self.keys]
        before = [self.shown[key] / 100 for key in self.keys]
        asked = [
            t / 100 if t != self.shown[k] else None for k, t in zip(self.keys, typed, strict=True)
        ]
        return dict(zip(self.keys, balanced(before, asked), strict=True))

    def show(self, found: Mapping[str, float]) -> None:
        """The form as it would be, nothing typed."""
        self.is_bound = False
        self.shown = dict(zip(found, in_tenths(list(found.values())), strict=True))
        self.initial = {key: f"{percent:g}" for key, percent in self.shown.items()}

    @property
    def lines(self) -> list[tuple[forms.BoundField, str]]:
        return [(self[key], f"{self.shown[key]:g}") for key in self.keys]


@inside
def page(here: Here, key: str) -> HttpResponse:
    """With shares in its address it shows what the others would be, and saves nothing."""
    gate.require(here.member, "write")
    objective = find(here, key)
    rows = list(objective.key_results.filter(archived_at=None).select_related("cycle", "metric"))
    form = SharesForm(here, rows, here.request.POST or None)
    if form.is_bound and attempt(form, lambda: _save(here, objective, form)) is not None:
        return here.go("objective", objective.key)
    if not form.is_bound and any(row.key in here.request.GET for row in rows):
        form = SharesForm(here, rows, here.request.GET)
        if (found := attempt(form, lambda: form.found)) is not None:
            form.show(found)
            form.initial["reason"] = here.request.GET.get("reason", "")
    shown = {"objective": objective, "form": form, "here": here}
    if here.request.headers.get("HX-Request"):
        return render(here.request, "components/shares.html", shown)
    return here.show(
        "shares.html", title=f"Shares of “{objective}”", objective=objective, form=form
    )


def _save(here: Here, objective: Objective, form: SharesForm) -> list[float]:
    reason = form.cleaned_data.get("reason", "")
    return actions.save_shares(
        objective, form.found, reason=reason, by=here.member, now=timezone.now()
    )


def _shown(rows: list[KeyResult], asked: Mapping[str, str]) -> dict[str, float]:
    """What the page showed when it was changed; else what is stored."""
    stored = in_tenths(shares([row.weight for row in rows]))
    found = {}
    for row, percent in zip(rows, stored, strict=True):
        try:
            found[row.key] = float(asked.get(f"was_{row.key}", percent))
        except ValueError:
            found[row.key] = percent
    return found


def in_tenths(found: list[float]) -> list[float]:
    """In percent, to a tenth; they sum to 100."""
    tenths = [round(TENTHS * share) for share in found]
    if tenths:
        tenths[tenths.index(max(tenths))] += TENTHS - sum(tenths)
    return [tenth / 10 for tenth in tenths]
