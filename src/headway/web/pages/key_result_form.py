"""A new key result, and one changed: what it measures, from where to where, by when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from headway.accounts import gate
from headway.accounts.models import Team
from headway.engine.errors import DefinitionError
from headway.engine.period import STORED_GRAINS
from headway.files.amounts import format_change
from headway.goals import actions
from headway.goals.models import KeyResult, Objective, Over, Pace, Shape
from headway.metrics.models import Metric
from headway.web.aim import read_change
from headway.web.baseline import Baseline, asked_for, with_levels
from headway.web.context import Here, inside
from headway.web.forms import share
from headway.web.forms.fields import (
    Chosen,
    DayField,
    DependingChoice,
    DependingRow,
    DependingText,
    OwnerField,
    attempt,
    plain,
    read_amount,
    refuse,
    written,
)
from headway.web.forms.goal_rows import (
    MILESTONE,
    PHASE,
    RowsField,
    milestone_rows,
    phase_rows,
    read_milestones,
    read_phases,
)
from headway.web.forms.seen import watch
from headway.web.pages import key_result as key_result_page
from headway.web.pages import objective as objective_page
from headway.web.remarks import tell

SHAPES = [
    (Shape.reach, "Reach a value: from 30 to 5 minutes"),
    (Shape.relative, "Change by an amount: by 25 %, or by 5 points"),
    (Shape.keep, "Keep within bounds: 95 % or more, all the time"),
    (Shape.graded, "Reach one of three values: commit, target, stretch"),
    (Shape.milestones, "Be done, step by step: only for what cannot be measured"),
    (Shape.manual, "Typed by hand at each check-in, when nothing measures it"),
]
SPANS = {
    Over.latest: "The last complete period",
    Over.mean: "The mean of the last … periods",
    Over.cycle_to_date: "The sum since the cycle opened",
    Over.trailing: "The sum of the last … days",
}
PACES = [
    (Pace.linear, "Evenly, day by day"),
    (Pace.seasonal, "With the metric's own season"),
    (Pace.phased, "By certain days"),
]
WAYS = [("increase", "increase by"), ("reduce", "reduce by")]
UNITS_OF_CHANGE = [("", "as written"), ("percent", "% of the baseline"), ("points", "points")]

ASKS = {
    Shape.reach: ("target",),
    Shape.relative: ("change",),
    Shape.keep: (),
    Shape.graded: ("commit", "target", "stretch"),
    Shape.milestones: (),
    Shape.manual: ("baseline_typed", "target"),
}
"""The fields that a shape cannot do without."""

READS = {
    Shape.reach: ("baseline_typed", "target"),
    Shape.relative: ("baseline_typed",),
    Shape.keep: ("at_least", "at_most"),
    Shape.graded: ("baseline_typed", "commit", "target", "stretch"),
    Shape.milestones: (),
    Shape.manual: ("baseline_typed", "target"),
}
BY_HAND = (Shape.manual, Shape.milestones)
"""The amounts that a shape has; what else was typed before changing one's mind is dropped."""

AMOUNTS = ("baseline_typed", "commit", "target", "stretch", "at_least", "at_most")


def amount(label: str, help_text: str = "", *, required: bool = True) -> forms.CharField:
    return DependingText(
        required=required,
        label=label,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 14}),
    )


class KeyResultForm(forms.Form):
    """What people type as amounts (`85 %`, `5 min`, `1,000,000`) comes out as numbers."""

    shape = forms.ChoiceField(
        choices=SHAPES, widget=forms.RadioSelect, initial=Shape.reach, label="Kind of result"
    )
    metric = DependingRow(
        Metric.objects.none(),
        to_field_name="key",
        label="KPI or metric",
        empty_label="Choose what measures it",
    )
    title = forms.CharField(
        max_length=200, required=False, help_text="When empty, the name of the metric."
    )
    unit = forms.CharField(
        max_length=20, required=False, help_text="For example partners, or percent."
    )
    baseline_typed = amount("From", "When empty, it is measured.", required=False)
    commit = amount("Commit", "0.3 of the way.")
    target = amount("To", "For example 85 %, 5 min or 1,000,000.")
    stretch = amount("Stretch", "All of the way.")
    way = DependingChoice(choices=WAYS, label="Direction")
    change = amount("By", "For example 25 % or 5 points.")
    change_in = forms.ChoiceField(
        choices=UNITS_OF_CHANGE,
        required=False,
        label="Meaning",
        help_text="15 % more of 40 % is 46 %; 15 points more is 55 %.",
    )
    at_least = amount("At least", required=False)
    at_most = amount("At most", required=False)
    grain = forms.ChoiceField(
        choices=[("", "as the metric"), *[(g.value, f"by {g.value}") for g in STORED_GRAINS]],
        required=False,
        label="Periods",
    )
    over = forms.ChoiceField(choices=list(SPANS.items()), initial=Over.latest, label="Read as")
    over_n = forms.IntegerField(
        min_value=1,
        max_value=1000,
        required=False,
        label="How many",
        help_text="Periods or days.",
    )
    due = DayField(label="Due", help_text="The last day that counts.")
    milestones = RowsField(
        MILESTONE,
        label="Milestones",
        help_text="Without a weight each counts the same. A day is needed only when it is expected "
        "by certain days.",
    )
    pace = forms.ChoiceField(
        choices=PACES, initial=Pace.linear, required=False, label="Expected in between"
    )
    phases = RowsField(
        PHASE,
        label="Values expected by certain days",
        help_text="Days before the due date, on which the target itself is expected.",
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        to_field_name="key",
        required=False,
        widget=Chosen,
        label="Shared with",
        help_text="Teams that work on it together with the objective's own.",
    )
    share = forms.FloatField(
        label="Its share, %",
        required=False,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal", "size": 6}),
    )
    reason = DependingText(
        max_length=300,
        label="Why it changes",
        help_text="The cycle has opened: a change of what is asked stays beside the key result, "
        "with this reason.",
    )
    use_required_attribute = False

    def __init__(self, here: Here, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.here = here
        self.fields["owner"] = OwnerField(here.workspace)
        self.fields["delegate"] = OwnerField(
            here.workspace, help_text="Checks in when the owner does not."
        )
        teams = here.workspace.teams.order_by("name")
        self.fields["teams"].queryset = teams  # type: ignore[attr-defined]  # a model choice
        metrics = here.workspace.metrics.filter(archived_at=None).order_by("level", "name")
        listed = metrics.only("workspace_id", "key", "name")
        self.fields["metric"].queryset = listed  # type: ignore[attr-defined]  # a model choice

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        shape = Shape(given.get("shape", Shape.reach))
        self._settle_metric(shape)
        for name in AMOUNTS:
            self._read(name, shape)
        self._read_change(shape)
        given["milestones"] = read_milestones(self) if shape == Shape.milestones else []
        given["pace"] = given.get("pace") or Pace.linear
        timed = given["pace"] == Pace.phased and shape != Shape.milestones
        given["phases"] = read_phases(self, self._amount) if timed else {}
        for name in ASKS[shape]:
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, "This is needed.")
        if given.get("over") in (Over.mean, Over.trailing) and not given.get("over_n"):
            self.add_error("over_n", "Say how many.")
        return given

    def _settle_metric(self, shape: Shape) -> None:
        given = self.cleaned_data
        if shape == Shape.keep:
            given["pace"] = Pace.linear
        if shape in BY_HAND:
            given["metric"], given["over"], given["over_n"] = None, Over.latest, None
            given["grain"] = ""
            return
        given["unit"] = ""
        if given.get("metric") is None and "metric" not in self.errors:
            self.add_error("metric", "Choose what measures it, or type it by hand.")

    @property
    def value_unit(self) -> str:
        metric = self.cleaned_data.get("metric")
        return str(metric.unit if metric else self.cleaned_data.get("unit", ""))

    def _read(self, name: str, shape: Shape) -> None:
        text = self.cleaned_data.get(name)
        self.cleaned_data[name] = None
        if not text or name not in READS[shape]:
            return
        try:
            self.cleaned_data[name] = self._amount(text)
        except DefinitionError as error:
            refuse(self, error, name)

    def _amount(self, text: str) -> float:
        return read_amount(text, self.value_unit, self.here.workspace.currency)

    def _read_change(self, shape: Shape) -> None:
        given = self.cleaned_data
        text, meaning = given.get("change"), given.get("change_in", "")
        way = given.pop("way", "")
        given["change"], given["change_in"] = None, "percent"
        if not text or shape != Shape.relative:
            return
        try:
            given["change"], given["change_in"] = read_change(
                plain(text), meaning, way, self.value_unit
            )
        except DefinitionError as error:
            refuse(self, error, error.where or "change")


@inside
def new(here: Here, objective: str) -> HttpResponse:
    return _edit(here, objective_page.find(here, objective), None)


@inside
def edit(here: Here, objective: str, key: str) -> HttpResponse:
    found = key_result_page.find(here, objective, key)
    return _edit(here, found.objective, found)


@inside
def baseline(here: Here, objective: str) -> HttpResponse:
    """The measured baseline and the metric's last value, for the form as it stands."""
    found = objective_page.find(here, objective)
    return render(
        here.request,
        "components/baseline.html",
        {"here": here, "baseline": _baseline(here, found, here.request.GET)},
    )


def _edit(here: Here, objective: Objective, key_result: KeyResult | None) -> HttpResponse:
    gate.require(here.member, "write")
    form = _form(here, objective, key_result)
    if key_result:
        watch(form, here, f"key_result:{objective.key}/{key_result.key}")
    share.settle(form, objective, key_result)
    if key_result is None or here.today < key_result.cycle.starts:
        del form.fields["reason"]
    if form.is_bound and (saved := attempt(form, lambda: save(here, form, objective, key_result))):
        tell(here, saved)
        return here.go("key_result", objective.key, saved.key)
    asked = {name: form[name].value() for name in form.fields}
    return here.show(
        "key_result_form.html",
        title=f"Edit “{key_result}”" if key_result else "New key result",
        form=form,
        objective=objective,
        key_result=key_result,
        baseline=_baseline(here, objective, asked),
    )


def _form(here: Here, objective: Objective, key_result: KeyResult | None) -> KeyResultForm:
    """Asked only to look up the baseline, it keeps what was typed and judges nothing."""
    data = here.request.POST or None
    if data and "look" in data:
        fields = KeyResultForm(here).fields.items()
        typed = {n: f.widget.value_from_datadict(data, {}, n) for n, f in fields}
        return KeyResultForm(here, initial=typed)
    return KeyResultForm(here, data, initial(objective, key_result))


def save(
    here: Here, form: KeyResultForm, objective: Objective, key_result: KeyResult | None = None
) -> KeyResult:
    fields = {k: v for k, v in form.cleaned_data.items() if k != "share"}
    fields |= share.asked(form, objective, key_result)
    return actions.save_key_result(
        objective,
        key=key_result.key if key_result else None,
        by=here.member,
        now=timezone.now(),
        **fields,
    )


def initial(objective: Objective, key_result: KeyResult | None) -> dict[str, Any]:
    """The form's fields as people would have typed them."""
    if key_result is None:
        return {"due": objective.cycle.ends, "owner": objective.owner_id}
    names = ("shape", "title", "unit", "grain", "over", "over_n", "due", "change_in", "pace")
    kept = {name: getattr(key_result, name) for name in names}
    unit = key_result.metric.unit if key_result.metric else key_result.unit
    amounts = {name: written(getattr(key_result, name), unit) for name in AMOUNTS}
    return {
        **kept,
        **amounts,
        **_written_change(key_result.change, key_result.change_in, unit),
        "metric": key_result.metric,
        "owner": key_result.owner_id,
        "delegate": key_result.delegate_id,
        "teams": key_result.teams.only("key"),
        "milestones": milestone_rows(key_result),
        "phases": phase_rows(key_result, unit),
    }


def _written_change(change: float | None, change_in: str, unit: str) -> dict[str, str]:
    if change is None:
        return {"change_in": ""}
    size = abs(change) * (100 if change_in == "points" and unit == "percent" else 1)
    return {
        "change": format_change(size, change_in),
        "change_in": change_in,
        "way": "reduce" if change < 0 else "increase",
    }


def _baseline(here: Here, objective: Objective, asked: Mapping[str, Any]) -> Baseline | None:
    metric = asked.get("metric")
    if not isinstance(metric, Metric):
        metric = here.workspace.metrics.filter(key=metric or "").first()
    if metric is None:
        return None
    found = asked_for(here, metric, objective.cycle, asked)
    return with_levels(here, found, objective.cycle, asked)
