"""From a KPI to a key result: a filled-in draft to look over and save."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from headway.accounts import gate
from headway.accounts.models import Team
from headway.engine.errors import NotFound
from headway.goals import actions
from headway.goals.models import Cycle, KeyResult, Objective
from headway.goals.promote import Draft, draft
from headway.metrics.models import Metric
from headway.web.baseline import asked_for
from headway.web.context import Here, inside
from headway.web.forms.fields import Chosen, DependingRow, DependingText, attempt, written
from headway.web.pages.key_result_form import BY_HAND, KeyResultForm
from headway.web.remarks import tell

OWN = ("objective", "new_objective", "team", "guardrails")


class PromoteForm(KeyResultForm):
    """A key result's form, with the objective it belongs to."""

    objective = DependingRow(
        Objective.objects.none(),
        to_field_name="key",
        empty_label="A new objective",
    )
    new_objective = DependingText(
        max_length=200,
        label="The new objective",
        help_text="What should be true for people, in words? The number is the key result.",
    )
    team = DependingRow(
        Team.objects.none(), to_field_name="key", label="Its team", empty_label=None
    )
    guardrails = forms.ModelMultipleChoiceField(
        Metric.objects.none(),
        to_field_name="key",
        required=False,
        widget=Chosen,
        help_text="KPIs to watch beside it, added to the objective. Those that are watched beside "
        "this KPI already are ticked.",
    )

    def __init__(self, here: Here, found: Draft, data: Any = None) -> None:
        super().__init__(here, data, initial(here, found))
        self.cycle = found.cycle
        rows = {
            "objective": _objectives(here, found.cycle),
            "team": here.workspace.teams.order_by("name"),
            "guardrails": _watchable(here, found.metric),
        }
        for name, chosen in rows.items():
            self.fields[name].queryset = chosen  # type: ignore[attr-defined]  # a model choice
        self.fields["metric"].disabled = True
        for name in ("share", "reason", "milestones"):
            del self.fields[name]
        shapes = [s for s in self.fields["shape"].choices if s[0] not in BY_HAND]  # type: ignore[attr-defined]  # a choice field
        self.fields["shape"].choices = shapes  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("objective") is None:
            for name in ("new_objective", "team"):
                if not given.get(name):
                    self.add_error(name, "A new objective needs this; or choose one above.")
        return given


@inside
def page(here: Here, key: str) -> HttpResponse:
    gate.require(here.member, "write")
    metric = here.workspace.metrics.filter(key=key, archived_at=None).first()
    if metric is None:
        raise NotFound(f"There is no metric `{key}` to promote in this workspace.")
    cycle = here.cycle or next(iter(here.cycles), None)
    if cycle is None:
        return here.show("promote.html", title=f"Promote {metric}", metric=metric, cycle=None)
    mean = here.request.GET.get("baseline") == "mean"
    found = draft(metric, cycle, now=here.now, mean=mean)
    form = PromoteForm(here, found, here.request.POST or None)
    if here.request.method == "POST" and (saved := attempt(form, lambda: _save(here, form))):
        tell(here, saved)
        return here.go("key_result", saved.objective.key, saved.key)
    asked = {name: form[name].value() for name in form.fields}
    return here.show(
        "promote.html",
        title=f"Promote {metric} to a key result",
        metric=metric,
        cycle=cycle,
        draft=found,
        levels=[(level, written(level.value, metric.unit)) for level in found.levels],
        mean=mean,
        form=form,
        baseline=asked_for(here, metric, cycle, asked),
    )


@inside
def baseline(here: Here, key: str) -> HttpResponse:
    """The measured baseline and what the target asks for, for the form as it stands."""
    metric = here.workspace.metrics.filter(key=key, archived_at=None).first()
    if metric is None or here.cycle is None:
        raise NotFound(f"There is no metric `{key}` to promote in this workspace.")
    found = asked_for(here, metric, here.cycle, here.request.GET)
    return render(here.request, "components/baseline.html", {"here": here, "baseline": found})


def initial(here: Here, found: Draft) -> dict[str, Any]:
    unit = found.metric.unit
    team = here.team or next(iter(here.teams), None)
    return {
        "shape": found.shape,
        "metric": found.metric,
        "baseline_typed": written(found.baseline.value, unit) if found.baseline.typed else "",
        "target": written(found.target.value, unit),
        "at_least": written(found.at_least, unit),
        "at_most": written(found.at_most, unit),
        "over": found.over,
        "over_n": found.over_n,
        "due": found.due,
        "owner": here.member.pk,
        "team": team,
        "guardrails": found.guardrails,
    }


@transaction.atomic
def _save(here: Here, form: PromoteForm) -> KeyResult:
    fields = {k: v for k, v in form.cleaned_data.items() if k not in OWN}
    now = timezone.now()
    objective = _objective(here, form)
    return actions.save_key_result(objective, by=here.member, now=now, **fields)


def _objective(here: Here, form: PromoteForm) -> Objective:
    """The chosen one with the guardrails added, or the new one with them."""
    given, by, now = form.cleaned_data, here.member, timezone.now()
    chosen: Objective | None = given["objective"]
    if chosen is None:
        return actions.save_objective(
            here.workspace,
            title=given["new_objective"],
            team=given["team"],
            cycle=form.cycle,
            owner=given["owner"],
            guardrails=given["guardrails"],
            by=by,
            now=now,
        )
    added = [m for m in given["guardrails"] if m not in chosen.guardrails.all()]
    if not added:
        return chosen
    guardrails = [*chosen.guardrails.all(), *added]
    return actions.save_objective(
        here.workspace, key=chosen.key, guardrails=guardrails, by=by, now=now
    )


def _watchable(here: Here, metric: Metric) -> QuerySet[Metric]:
    kpis = here.workspace.metrics.filter(archived_at=None, level="kpi")
    return kpis.exclude(pk=metric.pk).order_by("name").only("workspace_id", "key", "name")


def _objectives(here: Here, cycle: Cycle) -> QuerySet[Objective]:
    found = here.workspace.objectives.filter(archived_at=None, cycle=cycle).order_by("title")
    return found.only("workspace_id", "key", "title")
