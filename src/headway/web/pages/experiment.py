"""An output as an A/B test: set up, changed, taken away, and its chart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.accounts import gate
from headway.engine.definition import PEOPLE
from headway.engine.errors import DefinitionError, NotFound
from headway.goals.experiment.checks import comparable
from headway.goals.experiment.view import Shown, view
from headway.goals.models import Output
from headway.goals.outputs import save_output
from headway.ingest.seen import names_and_properties
from headway.web import drawings
from headway.web.context import Here, inside
from headway.web.forms import phrases
from headway.web.forms.fields import Chosen, DayField, attempt, plain
from headway.web.forms.kind_fields import PhraseField
from headway.web.pages.output import find

WORSE = "2 %"
FINE = ("within", "adjust", "by", "enters")


def listed(name: str) -> forms.TextInput:
    return forms.TextInput(attrs={"list": name})


class ExperimentForm(forms.Form):
    assigned = PhraseField(
        phrases.read_selector,
        widget=listed("events"),
        label="Assigned by",
        help_text="The event you send when somebody is given a variant: “experiment_viewed where "
        "experiment = checkout”.",
    )
    variant = forms.CharField(
        max_length=120,
        widget=listed("properties"),
        label="Variant in",
        help_text="The property of that event that says which one.",
    )
    control = forms.CharField(max_length=120, help_text="What the property says for the old way.")
    split = forms.CharField(
        required=False,
        help_text="Such as “A: 90, B: 10”. Empty: every variant that is seen, in equal parts.",
    )
    starts = DayField(label="First day")
    ends = DayField(
        required=False, label="Last day", help_text="Chosen before the start, if there is one."
    )
    metric = forms.ChoiceField(label="Which number?")
    effect = forms.CharField(
        required=False,
        label="Smallest change worth seeing",
        help_text="“2 points”, “5 %” of the old value, or an amount. Tells how long it takes.",
    )
    guardrails = forms.MultipleChoiceField(
        required=False,
        widget=Chosen,
        label="What must not get worse?",
        help_text="It wins only if none of these is harmed. KPIs are listed.",
    )
    worse_by = forms.CharField(
        required=False,
        label="By no more than",
        initial=WORSE,
        help_text="“2 %” of the old value, “2 points” of a share, or an amount.",
    )
    within = forms.CharField(
        required=False,
        label="Counts for",
        help_text="“7 days”: what somebody does in that time, so that all have had as long. Empty: "
        "until the last day.",
    )
    adjust = forms.CharField(
        required=False,
        label="Take out what was before",
        help_text="“14 days”: differences that were there already (CUPED). Often needs a third "
        "fewer people.",
    )
    by = forms.CharField(
        initial="user", widget=listed("subjects"), label="Who is assigned", help_text="Or account."
    )
    enters = PhraseField(
        phrases.read_selector,
        required=False,
        widget=listed("events"),
        label="Who will be assigned",
        help_text="What they do, such as “checkout_viewed”: tells how many there will be.",
    )

    def __init__(self, here: Here, output: Output, data: Any = None) -> None:
        super().__init__(data, initial=_initial(here, output))
        self.before: Mapping[str, Any] = output.experiment
        metrics = comparable(here.workspace)
        guards = {guard["metric"] for guard in self.before.get("guardrails", ())}
        watched = [m for m in metrics if m.level == "kpi" or m.key in guards]
        for name, offered in (("metric", metrics), ("guardrails", watched)):
            field: Any = self.fields[name]
            field.choices = [(m.key, m.name) for m in offered]

    def clean_split(self) -> dict[str, float]:
        text = plain(self.cleaned_data["split"])
        return {name: _part(name, part) for name, part in _pairs(text)}

    @property
    def document(self) -> dict[str, Any]:
        """As a file says it."""
        found = {name: value for name, value in self.cleaned_data.items() if value}
        worse = plain(found.pop("worse_by", WORSE))
        found["guardrails"] = [self._guard(key, worse) for key in found.get("guardrails", ())]
        for name in ("starts", "ends"):
            if name in found:
                found[name] = found[name].isoformat()
        return found | ({"effect": plain(found["effect"])} if "effect" in found else {})

    def _guard(self, key: str, worse: str) -> dict[str, str]:
        """One that was there keeps what it had, unless that was changed for all."""
        kept = {g["metric"]: g for g in self.before.get("guardrails", ())}
        if worse == self.initial.get("worse_by", WORSE) and key in kept:
            return dict(kept[key])
        return {"metric": key, "worse_by": worse}


@inside
def edit(here: Here, key: str) -> HttpResponse:
    gate.require(here.member, "write")
    output = find(here, key)
    form = ExperimentForm(here, output, here.request.POST or None)
    if here.request.method == "POST" and (
        saved := attempt(form, lambda: _save(here, output, form))
    ):
        return here.go("output", saved.key)
    shown = view(output, here.workspace, here.today)
    events, properties = names_and_properties(here.workspace)
    return here.show(
        "experiment_form.html",
        title=f"“{output}” as an experiment",
        output=output,
        form=form,
        fine=any(form.errors.get(name) or form.initial.get(name) for name in FINE[:2]),
        plan_words=shown.plan_words if shown else (),
        events=events,
        properties=properties,
        subjects=[*PEOPLE, *properties],
    )


@require_POST
@inside
def end(here: Here, key: str) -> HttpResponse:
    output = find(here, key)
    save_output(here.workspace, key=key, experiment={}, by=here.member, now=timezone.now())
    return here.go("output", output.key)


@inside
def chart(here: Here, key: str) -> HttpResponse:
    found = shown(here, find(here, key, archived=True))
    if found is None or not found.looks:
        raise NotFound(f"`{key}` has no read-out yet.")
    return drawings.answer(here.request, found.picture)


def shown(here: Here, output: Output) -> Shown | None:
    return view(output, here.workspace, here.today)


def _save(here: Here, output: Output, form: ExperimentForm) -> Output:
    """Errors land beside their field: its name stands last in their place."""
    try:
        return save_output(
            here.workspace, key=output.key, experiment=form.document, by=here.member,
            now=timezone.now(),
        )  # fmt: skip
    except DefinitionError as error:
        field = error.where.removeprefix("experiment.").partition("[")[0]
        raise DefinitionError(error.message, where=field, fix=error.fix) from None


def _initial(here: Here, output: Output) -> dict[str, Any]:
    found = output.experiment
    if not found:
        moved = output.moves.values_list("key", flat=True).first()
        day = output.planned or here.today
        return {"metric": moved, "starts": day, "by": "user", "worse_by": WORSE}
    guards = found.get("guardrails", [])
    return {
        **found,
        "assigned": phrases.write_selector(found["assigned"]),
        "enters": phrases.write_selector(found["enters"]) if "enters" in found else "",
        "split": ", ".join(f"{name}: {part:g}" for name, part in found.get("split", {}).items()),
        "by": found.get("by", "user"),
        "guardrails": [guard["metric"] for guard in guards],
        "worse_by": guards[0].get("worse_by", WORSE) if guards else WORSE,
    }


def _pairs(text: str) -> list[tuple[str, str]]:
    found = [re.fullmatch(r"\s*(.+?)\s*:\s*(\S+)\s*", part) for part in text.split(",") if part]
    if any(one is None for one in found):
        raise forms.ValidationError("Write it as “A: 90, B: 10”.")
    return [(one[1], one[2]) for one in found if one]


def _part(name: str, text: str) -> float:
    try:
        part = float(text.rstrip("%"))
    except ValueError:
        part = 0
    if not 0 < part < 1e9:
        raise forms.ValidationError(f"“{text}” is no part for {name}: give a number above 0.")
    return part
