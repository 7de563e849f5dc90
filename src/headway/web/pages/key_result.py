"""One key result: will we get there, and why not?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.accounts import gate
from headway.alerting.reading import of_key_result
from headway.charts.picture import Picture
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError, NotFound
from headway.engine.phrases import sentence
from headway.feed.models import Change
from headway.files.amounts import format_change
from headway.goals import actions, edits, milestones
from headway.goals.ahead import words as chance_words
from headway.goals.ahead.prospects import prospect_of
from headway.goals.aims import unit_of
from headway.goals.breaking.roll_up import roll_up
from headway.goals.close import handing
from headway.goals.lines import Mark, lines, shown
from headway.goals.models import KeyResult, Over, Pace, Shape
from headway.goals.picture import full_picture
from headway.goals.refresh import grain_of, is_frozen
from headway.goals.shares import whole_percents
from headway.metrics.happened.happenings import annotations_by
from headway.metrics.models import Annotation, Metric
from headway.metrics.reading import grain_of as metric_grain
from headway.outlook.turns import TURNS
from headway.stats.history import CannotTell
from headway.web import drawings, exports, history, remarks, trail
from headway.web.changes import Changes, changes
from headway.web.context import Here, inside
from headway.web.discussion import talk
from headway.web.forms.fields import DependingText, attempt, read_amount, written
from headway.web.marks import marking
from headway.web.standing import standings
from headway.web.warned import warned

RECENT = 20


@inside
def page(here: Here, objective: str, key: str) -> HttpResponse:
    found = find(here, objective, key, archived=True)
    marks = _marks(found, here)
    row = standings(here, [found])[0]
    happened = _happened(found)
    definition = found.metric.definition if found.metric else None
    drawn = full_picture(found, marks, happened)
    return exports.data(here.request, key, map(_row, marks)) or here.show(
        "key_result.html",
        title=str(found),
        row=row,
        outlook=None if _is_settled(here, found) else Outlook.of(found, row.confidence),
        picture=drawn,
        changes=_changes(here, found, definition, happened, drawn),
        grain=grain_of(found, here.workspace),
        **marking(here, drawn, found.metric),
        marks=[
            (m, trail.of_reading(here, found, m.through))
            for m in reversed(marks)
            if m.value is not None or m.reason
        ],
        value_url=trail.of_reading(here, found, found.value_through),
        drift=drift(found),
        over_words=over_words(found, grain_of(found, here.workspace)),
        change_words=change_words(found),
        definition_words=sentence(definition) if definition else "",
        share=_share(found),
        roll_up=roll_up(found),
        pace_words=pace_words(found),
        over=here.today >= found.due,
        milestones=found.milestones.all() if found.shape == Shape.milestones else (),
        teams=found.teams.order_by("name"),
        edits=[edits.sentence(c, _day(here, c)) for c in edits.edits_of(found)],
        check_ins=found.check_ins.select_related("by")[:RECENT],
        happenings=history.happenings(here, history.of_key_result(found), RECENT),
        coach=remarks.of_key_result(here, found),
        talk=talk(here, found),
        alerts=warned(here, of_key_result(found, here.today)),
    )


@inside
def chart(here: Here, objective: str, key: str) -> HttpResponse:
    found = find(here, objective, key, archived=True)
    return drawings.answer(here.request, full_picture(found, _marks(found, here), _happened(found)))


@require_POST
@inside
def milestone(here: Here, objective: str, key: str) -> HttpResponse:
    """Ticks one, or with no `done` opens it again."""
    found = find(here, objective, key)
    name = here.request.POST.get("name", "")
    done = here.today if here.request.POST.get("done") else None
    milestones.tick(found, name, done=done, by=here.member, now=timezone.now())
    return here.go("key_result", objective, key)


class HandBackForm(forms.Form):
    """What was reached, as the range in which the KPI is healthy from now on."""

    at_least = DependingText(label="At least")
    at_most = DependingText(label="At most")
    note = DependingText(max_length=300, label="What it took, or what to look out for")
    use_required_attribute = False


@inside
def hand_back(here: Here, objective: str, key: str) -> HttpResponse:
    gate.require(here.member, "write")
    found = find(here, objective, key)
    form = HandBackForm(here.request.POST or None, initial=_reached(found))
    posted = here.request.method == "POST"
    saved = attempt(form, lambda: _hand_back(here, found, form)) if posted else None
    if saved:
        return here.go("key_result", objective, key)
    return here.show("hand_back.html", title=f"Hand back “{found}”", found=found, form=form)


def _hand_back(here: Here, found: KeyResult, form: HandBackForm) -> Metric:
    unit, currency = unit_of(found), here.workspace.currency
    bounds: dict[str, float] = {}
    for name in handing.BOUNDS:
        if text := form.cleaned_data[name]:
            try:
                bounds[name] = read_amount(text, unit, currency)
            except DefinitionError as error:
                raise DefinitionError(error.message, where=name, fix=error.fix) from error
    note = form.cleaned_data["note"]
    return handing.hand_back(found, **bounds, note=note, by=here.member, now=timezone.now())


def _reached(found: KeyResult) -> dict[str, str]:
    """The value it stands at, as the bound that its direction calls for."""
    metric = found.metric
    if metric is None or metric.direction == "none":
        return {}
    name = "at_least" if metric.direction == "up" else "at_most"
    return {name: written(found.value, metric.unit)}


@require_POST
@inside
def archive(here: Here, objective: str, key: str) -> HttpResponse:
    found = find(here, objective, key)
    actions.archive_key_result(found, by=here.member, now=timezone.now())
    return here.go("key_result", objective, key)


@require_POST
@inside
def restore(here: Here, objective: str, key: str) -> HttpResponse:
    found = find(here, objective, key, archived=True)
    actions.restore_key_result(found, by=here.member, now=timezone.now())
    return here.go("key_result", objective, key)


def find(here: Here, objective: str, key: str, *, archived: bool = False) -> KeyResult:
    found = KeyResult.objects.select_related(
        "objective__workspace",
        "objective__team",
        "objective__cycle",
        "objective__owner",
        "cycle",
        "metric__owner__person",
        "owner__person",
        "delegate__person",
        "prospect",
        "closed__close",
    ).filter(objective__workspace=here.workspace, objective__key=objective, key=key)
    if not archived:
        found = found.filter(archived_at=None, objective__archived_at=None)
    key_result = found.first()
    if key_result is None:
        raise NotFound(
            f"There is no key result `{key}` of the objective `{objective}`.",
            fix="It may have been archived, or the address is misspelt.",
        )
    return key_result


PACE_WORDS = {
    Pace.linear: "evenly, day by day",
    Pace.phased: "by certain days",
    Pace.seasonal: "with the metric's own season",
}


def pace_words(key_result: KeyResult) -> str:
    return key_result.pace_reason or PACE_WORDS[Pace(key_result.pace)]


def _is_settled(here: Here, key_result: KeyResult) -> bool:
    """Nothing is to come: it is past its due date, closed or archived."""
    past = here.today > key_result.due
    return past or key_result.archived_at is not None or is_frozen(key_result)


def _share(key_result: KeyResult) -> int:
    """In percent of the objective; the shares of all sum to 100."""
    rows = key_result.objective.key_results.filter(archived_at=None)
    weights = dict(rows.values_list("pk", "weight"))
    percents = dict(zip(weights, whole_percents(list(weights.values())), strict=True))
    return percents.get(key_result.pk, 0)


def _day(here: Here, change: Change) -> date:
    return here.workspace.calendar.day_of(change.at)


def _marks(key_result: KeyResult, here: Here) -> Sequence[Mark]:
    return shown(key_result, lines(here.workspace, [key_result])[key_result.pk])


def drift(key_result: KeyResult) -> bool:
    """Whether the metric is no longer defined as it was when it was chosen."""
    metric, frozen = key_result.metric, key_result.definition_version
    return metric is not None and frozen is not None and metric.version != frozen


def over_words(key_result: KeyResult, grain: str) -> str:
    if key_result.metric is None:
        milestones = key_result.shape == Shape.milestones
        return "The weight of what is done" if milestones else "As it was typed last"
    words = {
        Over.latest: f"The last complete {grain}",
        Over.mean: f"The mean of the last {key_result.over_n} {grain}s",
        Over.cycle_to_date: "The sum since the cycle opened",
        Over.trailing: f"The sum of the last {key_result.over_n} days",
    }
    return words[Over(key_result.over)]


def change_words(key_result: KeyResult) -> str:
    """Of a relative one: `+25 % of the baseline`, `−5 points`."""
    if key_result.change is None:
        return ""
    share = key_result.metric is not None and key_result.metric.unit == "percent"
    in_points = key_result.change_in == "points"
    size = key_result.change * (100 if share and in_points else 1)
    text = format_change(size, key_result.change_in).replace("-", "−")
    sign = "+" if size > 0 else ""
    return f"{sign}{text}" if in_points else f"{sign}{text} of the baseline"


def _happened(key_result: KeyResult) -> Sequence[Annotation]:
    metrics = [key_result.metric] if key_result.metric else []
    return annotations_by(metrics).get(key_result.metric_id or 0, ())


def _changes(
    here: Here, key_result: KeyResult, definition: Definition | None,
    happened: Sequence[Annotation], drawn: Picture,
) -> Changes | None:  # fmt: skip
    """Of the days that the picture shows."""
    metric = key_result.metric
    if metric is None or definition is None or not drawn.ends:
        return None
    first, last = drawn.ends
    metric.workspace = here.workspace
    found = TURNS.read(metric, metric_grain(metric))
    return changes(here, metric, definition, found, happened, (first, min(last, here.today)))


@dataclass(frozen=True)
class Outlook:
    """Will we get there? `said` is empty where that cannot be told, and `reason` says why."""

    said: str
    apart: str
    rests: Sequence[str]
    reason: str

    @staticmethod
    def of(key_result: KeyResult, confidence: int | None) -> Outlook:
        found = prospect_of(key_result)
        if isinstance(found, CannotTell):
            return Outlook("", "", (), found.reason)
        currency = key_result.objective.workspace.currency
        said = chance_words.sentence(key_result, found, currency)
        apart = chance_words.apart(found.chance, confidence)
        return Outlook(said, apart, (found.rests, *found.notes), "")


def _row(mark: Mark) -> dict[str, Any]:
    return {
        "start": mark.start.isoformat(),
        "through": mark.through.isoformat(),
        "value": mark.value,
        "complete": mark.complete,
        "reason": mark.reason,
    }
