"""The coach: what it says of everything, of what is being typed, and when it is to be silent."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.accounts import gate
from headway.accounts.actions import save_settings
from headway.coach.finding import Finding
from headway.coach.review import Review
from headway.coach.rules import BY_CODE, FAMILIES
from headway.engine.errors import HeadwayError, NotFound
from headway.goals.advice.coaching import coached_draft
from headway.goals.advice.waivers import Goal, take_up, take_up_kpi, waive, waive_kpi
from headway.goals.models import KeyResult, Objective
from headway.metrics.models import Metric
from headway.web import remarks
from headway.web.context import Here, inside
from headway.web.pages import key_result as key_result_page
from headway.web.pages import objective as objective_page
from headway.web.pages.key_result_form import KeyResultForm
from headway.web.pages.kpi import metric_of

ASKED = (
    *("title", "metric", "shape", "baseline_typed", "target", "change", "change_in", "at_least"),
    *("at_most", "over", "over_n", "grain", "unit", "due"),
)
"""The fields of a key result's form that the coach looks at."""


class Silencing(forms.Form):
    where = forms.CharField(max_length=200)
    code = forms.ChoiceField(choices=[(code, code) for code in BY_CODE])
    reason = forms.CharField(max_length=300, required=False)


@inside
def page(here: Here) -> HttpResponse:
    groups = remarks.by_team(here)
    return here.show("coach.html", title="Coach", groups=groups, off=here.workspace.coach_off)


@inside
def objective(here: Here) -> HttpResponse:
    """What is said of an objective's words as they are typed; `objective` names a saved one."""
    asked = here.request.GET
    draft = Objective(workspace=here.workspace)
    if asked.get("objective"):
        draft = objective_page.find(here, asked["objective"])
    draft.title, draft.why = asked.get("title", "").strip(), asked.get("why", "")
    return _live(here, _worded(draft))


@inside
def key_result(here: Here, objective: str) -> HttpResponse:
    """What is said of a key result as the form stands; `key` names a saved one."""
    return _live(here, _draft(here, objective_page.find(here, objective)))


@inside
def promoted(here: Here, key: str) -> HttpResponse:
    """As for a key result, and what is said of the new objective that its form may name."""
    metric = here.workspace.metrics.filter(key=key, archived_at=None).first()
    if metric is None or here.cycle is None:
        raise NotFound(f"There is no metric `{key}` to promote in this workspace.")
    draft = Objective(workspace=here.workspace, key="draft", cycle=here.cycle)
    found = _draft(here, draft, metric=metric.key)
    if not here.request.GET.get("objective"):
        title = here.request.GET.get("new_objective", "").strip()
        found = [*_worded(Objective(workspace=here.workspace, title=title)), *found]
    return _live(here, found)


def _worded(draft: Objective) -> list[Finding]:
    """What is said of an objective; nothing while it has no words."""
    if not draft.title:
        return []
    return _of(coached_draft(draft, now=timezone.now()), "objective:")


def _draft(here: Here, above: Objective, **more: str) -> list[Finding]:
    data = here.request.GET.copy()
    data.update(more)
    form = KeyResultForm(here, data)
    form.is_valid()
    given = {n: v for n in ASKED if (v := form.cleaned_data.get(n)) not in (None, "")}
    key = here.request.GET.get("key", "draft")
    draft = KeyResult(objective=above, cycle=above.cycle, key=key, **given)
    draft.due = given.get("due") or above.cycle.ends
    if not draft.title and draft.metric is None:
        return []
    return _of(coached_draft(draft, now=timezone.now()), "key_result:")


def _of(review: Review, noun: str) -> list[Finding]:
    return [finding for finding in review.findings if finding.where.startswith(noun)]


def _live(here: Here, findings: Sequence[Finding]) -> HttpResponse:
    return render(here.request, "components/coach_live.html", {"here": here, "findings": findings})


@require_POST
@inside
def silence(here: Here) -> HttpResponse:
    """Waives one finding of a goal, or takes it up again."""
    form = Silencing(here.request.POST)
    if not form.is_valid():
        raise NotFound("The coach has no such finding.", fix="Go back, and open the page again.")
    given, goal = form.cleaned_data, _goal(here, form.cleaned_data["where"])
    try:
        _say_so(here, goal, given["code"], given["reason"])
    except HeadwayError as error:
        gate.require(here.member, "write")
        messages.error(here.request, f"{error.message} {error.fix}")
    return _back(here, goal)


def _say_so(here: Here, goal: Goal | Metric, code: str, reason: str) -> None:
    by, now = here.member, timezone.now()
    again = "again" in here.request.POST
    if isinstance(goal, Metric) and again:
        take_up_kpi(goal, code, by=by, now=now)
    elif isinstance(goal, Metric):
        waive_kpi(goal, code, reason, by=by, now=now)
    elif again:
        take_up(goal, code, by=by, now=now)
    else:
        waive(goal, code, reason, by=by, now=now)


def _goal(here: Here, where: str) -> Goal | Metric:
    noun, _, place = where.partition(":")
    above, _, key = place.partition("/")
    if noun == "metric":
        return metric_of(here, above)
    if noun == "key_result":
        return key_result_page.find(here, above, key)
    if noun != "objective":
        raise NotFound("Only findings of objectives, key results and KPIs are waived.")
    return objective_page.find(here, above)


def _back(here: Here, goal: Goal | Metric) -> HttpResponse:
    """To the page where it was waived."""
    if isinstance(goal, Metric):
        return here.go_on("kpi", goal.key)
    return here.go_on("objective", goal.objective.key if isinstance(goal, KeyResult) else goal.key)


@inside
def settings(here: Here) -> HttpResponse:
    """Which rules are on."""
    if here.request.method == "POST":
        on = set(here.request.POST.getlist("on"))
        off = [code for code in BY_CODE if code not in on]
        save_settings(here.workspace, {"coach_off": off}, by=here.member, now=timezone.now())
        messages.success(here.request, "Saved.")
        return here.go("settings_coach")
    return here.show(
        "settings_coach.html",
        title="Coach",
        tab="coach",
        families=FAMILIES,
        off=here.workspace.coach_off,
    )
