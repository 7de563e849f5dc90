"""A new objective, and an objective's own words changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.accounts.models import Team
from headway.goals import actions
from headway.goals.models import Ambition, Cycle, Objective
from headway.metrics.models import Metric
from headway.web.context import Here, inside
from headway.web.forms.fields import Chosen, OwnerField, attempt
from headway.web.forms.seen import watch
from headway.web.pages.objective import find
from headway.web.remarks import tell

AMBITIONS = [
    (Ambition.committed, "Committed: we expect to reach all of it"),
    (Ambition.aspirational, "Aspirational: reaching about 70 % is a success"),
]


class Above(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # no generic at run time
    """Objectives of teams and cycles that may well have others of the same name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.team}, {obj.cycle})"


class ObjectiveForm(forms.Form):
    title = forms.CharField(
        max_length=200,
        label="What do you want to be true?",
        help_text="A few words that one remembers. Numbers belong in the key results.",
    )
    why = forms.CharField(
        required=False,
        label="Why it matters now",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    team = forms.ModelChoiceField(Team.objects.none(), to_field_name="key", empty_label=None)
    cycle = forms.ModelChoiceField(Cycle.objects.none(), to_field_name="key", empty_label=None)
    ambition = forms.ChoiceField(
        choices=AMBITIONS, widget=forms.RadioSelect, initial=Ambition.committed
    )
    supports = Above(
        Objective.objects.none(),
        to_field_name="key",
        required=False,
        widget=Chosen,
        help_text="Objectives that this one helps to reach. None is an answer too.",
    )
    guardrails = forms.ModelMultipleChoiceField(
        Metric.objects.none(),
        to_field_name="key",
        required=False,
        widget=Chosen,
        help_text="KPIs to watch, so that the goal is not reached by harming something else.",
    )

    def __init__(self, here: Here, objective: Objective | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(here, objective))
        self.fields["owner"] = OwnerField(here.workspace)
        kpis = here.workspace.metrics.filter(archived_at=None, level="kpi").order_by("name")
        choices = {
            "team": here.workspace.teams.order_by("name"),
            "cycle": here.workspace.cycles.all(),
            "supports": _above(here, objective),
            "guardrails": kpis.only("workspace_id", "key", "name"),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]  # a model choice
        self.order_fields(["title", "why", "team", "cycle", "owner", "ambition"])


def _above(here: Here, objective: Objective | None) -> QuerySet[Objective]:
    """Those that have not ended, and those that it supports already."""
    kept = objective.supports.values("pk") if objective else ()
    rows = here.workspace.objectives.filter(archived_at=None).select_related("team", "cycle")
    found = rows.filter(Q(cycle__ends__gte=here.today) | Q(pk__in=kept)).order_by("title", "pk")
    names = ("workspace_id", "key", "title", "team__name", "cycle__name", "cycle__key")
    return (found.exclude(pk=objective.pk) if objective else found).only(*names)


@inside
def new(here: Here) -> HttpResponse:
    return _edit(here, None)


@inside
def edit(here: Here, key: str) -> HttpResponse:
    return _edit(here, find(here, key))


def _edit(here: Here, objective: Objective | None) -> HttpResponse:
    gate.require(here.member, "write")
    form = ObjectiveForm(here, objective, here.request.POST or None)
    if objective:
        watch(form, here, f"objective:{objective.key}")
    if here.request.method == "POST":
        saved = attempt(form, lambda: _save(here, objective, form))
        if saved:
            tell(here, saved)
        if saved and objective is None:
            return here.go("key_result_new", saved.key)
        if saved:
            return here.go("objective", saved.key)
    title = f"Edit “{objective}”" if objective else "New objective"
    return here.show("objective_form.html", title=title, form=form, objective=objective)


def _save(here: Here, objective: Objective | None, form: ObjectiveForm) -> Objective:
    return actions.save_objective(
        here.workspace,
        key=objective.key if objective else None,
        by=here.member,
        now=timezone.now(),
        **form.cleaned_data,
    )


def _initial(here: Here, objective: Objective | None) -> dict[str, Any]:
    if objective is None:
        return {"team": here.team, "cycle": here.cycle, "owner": here.member.pk}
    return {
        "title": objective.title,
        "why": objective.why,
        "team": objective.team,
        "cycle": objective.cycle,
        "owner": objective.owner_id,
        "ambition": objective.ambition,
        "supports": objective.supports.only("key"),
        "guardrails": objective.guardrails.only("key"),
    }
