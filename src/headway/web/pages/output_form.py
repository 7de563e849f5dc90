"""A new output, and an output changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.accounts.models import Team
from headway.goals.models import Output, OutputStatus
from headway.goals.outputs import save_output
from headway.metrics.models import Metric
from headway.web.context import Here, inside
from headway.web.forms import phrases
from headway.web.forms.fields import Chosen, DayField, OwnerField, attempt
from headway.web.forms.kind_fields import PhraseField
from headway.web.forms.seen import watch
from headway.web.pages.output import find


class OutputForm(forms.Form):
    name = forms.CharField(
        max_length=160,
        label="What is shipped?",
        help_text="A feature, a campaign, an experiment, in a few words.",
    )
    description = forms.CharField(
        required=False,
        label="What does success look like?",
        help_text="For the business, in a sentence. The review asks for it.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    status = forms.ChoiceField(choices=OutputStatus.choices, initial=OutputStatus.planned)
    planned = DayField(required=False, label="Planned for")
    launched = DayField(required=False, label="Launched on")
    team = forms.ModelChoiceField(
        Team.objects.none(), to_field_name="key", required=False, empty_label="None"
    )
    audience = PhraseField(
        phrases.read_where,
        required=False,
        label="For whom",
        help_text="Everybody unless you say: “country in DE, AT” or “plan = pro”.",
    )
    moves = forms.ModelMultipleChoiceField(
        Metric.objects.none(),
        to_field_name="key",
        required=False,
        widget=Chosen,
        label="What should it move?",
        help_text="One or two product outcomes. KPIs and outcomes are listed.",
    )
    controls = forms.ModelMultipleChoiceField(
        Metric.objects.none(),
        to_field_name="key",
        required=False,
        widget=Chosen,
        label="What does it not touch?",
        help_text="Metrics that rise and fall with what it should move. Its effect is held against "
        "them. Choose none, and Headway looks for some.",
    )

    def __init__(self, here: Here, output: Output | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(here, output))
        self.fields["owner"] = OwnerField(here.workspace)
        offered = Q(level="kpi") | ~Q(profile__outcome="none") & Q(profile__has_key="outcome")
        if output:
            offered |= Q(outputs=output)
        metrics = here.workspace.metrics.filter(offered, archived_at=None).distinct()
        moves: Any = self.fields["moves"]
        moves.queryset = metrics.only("workspace_id", "key", "name").order_by("name")
        controls: Any = self.fields["controls"]
        living = here.workspace.metrics.filter(archived_at=None)
        controls.queryset = living.only("workspace_id", "key", "name").order_by("name")
        team: Any = self.fields["team"]
        team.queryset = here.workspace.teams.order_by("name")
        self.order_fields(["name", "description", "status", "planned", "launched", "team", "owner"])

    def clean(self) -> dict[str, Any]:
        """A launch day makes it launched, unless something else was chosen on purpose."""
        found: dict[str, Any] = super().clean() or {}
        before = self.initial.get("status", OutputStatus.planned)
        if found.get("launched") and found.get("status") == before != OutputStatus.stopped:
            found["status"] = OutputStatus.launched.value
        return found


@inside
def new(here: Here) -> HttpResponse:
    return _edit(here, None)


@inside
def edit(here: Here, key: str) -> HttpResponse:
    return _edit(here, find(here, key))


def _edit(here: Here, output: Output | None) -> HttpResponse:
    gate.require(here.member, "write")
    form = OutputForm(here, output, here.request.POST or None)
    if output:
        watch(form, here, f"output:{output.key}")
    if here.request.method == "POST" and (
        saved := attempt(form, lambda: _save(here, output, form))
    ):
        return here.go("output", saved.key)
    title = f"Edit “{output}”" if output else "New output"
    return here.show("output_form.html", title=title, form=form, output=output)


def _save(here: Here, output: Output | None, form: OutputForm) -> Output:
    where = form.cleaned_data.pop("audience")
    return save_output(
        here.workspace,
        key=output.key if output else None,
        audience={"where": where} if where else {},
        by=here.member,
        now=timezone.now(),
        **form.cleaned_data,
    )


def _initial(here: Here, output: Output | None) -> dict[str, Any]:
    if output is None:
        return {"team": here.team, "owner": here.member.pk}
    return {
        "name": output.name,
        "description": output.description,
        "status": output.status,
        "planned": output.planned,
        "launched": output.launched,
        "team": output.team,
        "owner": output.owner_id,
        "audience": phrases.write_where(output.audience.get("where") or {}),
        "moves": [metric.key for metric in output.moves.all()],
        "controls": [metric.key for metric in output.controls.all()],
    }
