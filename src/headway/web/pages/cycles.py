"""The cycles of a workspace: the list, a new one, one's dates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.engine.errors import NotFound
from headway.goals import actions
from headway.goals.close import succession
from headway.goals.models import Cycle
from headway.goals.quarters import to_plan
from headway.web import exports
from headway.web.context import Here, inside
from headway.web.forms.fields import DayField, attempt
from headway.web.forms.seen import watch


class CycleForm(forms.Form):
    name = forms.CharField(max_length=80, help_text="For example “2026, fourth quarter”.")
    key = forms.SlugField(
        max_length=50, help_text="Short, for addresses and files: for example 2026-q4."
    )
    starts = DayField(label="First day")
    ends = DayField(label="Last day", help_text="Included in the cycle.")
    parent = forms.ModelChoiceField(
        Cycle.objects.none(),
        to_field_name="key",
        required=False,
        label="Part of",
        empty_label="No longer cycle",
        help_text="The longer cycle that this one lies in, for example the year.",
    )

    def __init__(self, here: Here, cycle: Cycle | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(cycle or _suggested(here)))
        others = here.workspace.cycles.all()
        self.fields["parent"].queryset = (  # type: ignore[attr-defined]  # a model choice
            others.exclude(pk=cycle.pk) if cycle else others
        )
        if cycle:
            self.fields["key"].disabled = True


@inside
def page(here: Here) -> HttpResponse:
    cycles = here.workspace.cycles.select_related("parent").annotate(
        objective_count=Count("objectives", filter=Q(objectives__archived_at=None))
    )
    rows = list(cycles)
    return exports.data(here.request, "cycles", [_row(c) for c in rows]) or here.show(
        "cycles.html", title="Cycles", cycles=rows
    )


@inside
def new(here: Here) -> HttpResponse:
    return _edit(here, None)


@inside
def edit(here: Here, key: str) -> HttpResponse:
    found = here.workspace.cycles.filter(key=key).first()
    if found is None:
        raise NotFound(f"There is no cycle `{key}` in this workspace.", where="cycle")
    return _edit(here, found)


def _edit(here: Here, cycle: Cycle | None) -> HttpResponse:
    gate.require(here.member, "write")
    form = CycleForm(here, cycle, here.request.POST or None)
    if cycle:
        watch(form, here, f"cycle:{cycle.key}")
    saved = attempt(form, lambda: _save(here, form)) if form.is_bound else None
    if saved:
        return here.go_on("cycles")
    title = f"Edit {cycle}" if cycle else "New cycle"
    return here.show("cycle_form.html", title=title, form=form, cycle=cycle)


def _save(here: Here, form: CycleForm) -> Cycle:
    return actions.save_cycle(
        here.workspace, by=here.member, now=timezone.now(), **form.cleaned_data
    )


def _suggested(here: Here) -> Cycle:
    """What follows the latest cycle, or the quarter that goals are written for today."""
    last = here.workspace.cycles.order_by("-ends", "-starts").first()
    if last:
        found = succession.suggested(last)
        found.parent = last.parent
        return found
    quarter = to_plan(here.today)
    return Cycle(key=quarter.key, name=quarter.name, starts=quarter.starts, ends=quarter.ends)


def _initial(cycle: Cycle) -> dict[str, Any]:
    return {
        "name": cycle.name,
        "key": cycle.key,
        "starts": cycle.starts,
        "ends": cycle.ends,
        "parent": cycle.parent,
    }


def _row(cycle: Cycle) -> dict[str, Any]:
    return {
        "key": cycle.key,
        "name": cycle.name,
        "starts": cycle.starts.isoformat(),
        "ends": cycle.ends.isoformat(),
        "parent": cycle.parent.key if cycle.parent else "",
    }
