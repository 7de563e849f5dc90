"""The next cycle, drafted from what was chosen: looked over, changed, saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.charts import formats
from headway.engine.errors import Conflict, DefinitionError
from headway.goals import actions
from headway.goals.aims import kept, unit_of
from headway.goals.close import succession
from headway.goals.close.succession import Drafted
from headway.goals.models import Close, Cycle, KeyResult, Shape
from headway.web.context import Here, inside
from headway.web.forms.fields import DayField, DependingText, attempt, read_amount, written
from headway.web.pages.review import close_of


class CycleForm(forms.Form):
    """The cycle that follows, where there is none yet."""

    name = forms.CharField(max_length=80, help_text="For example “2027, first quarter”.")
    key = forms.SlugField(max_length=50, help_text="Short, for addresses and files.")
    starts = DayField(label="First day")
    ends = DayField(label="Last day")
    use_required_attribute = False


class DraftForm(forms.Form):
    keep = forms.BooleanField(required=False, label="Take it into the next cycle")
    title = DependingText(label="Name", max_length=200)
    target = DependingText(
        label="Target", widget=forms.TextInput(attrs={"autocomplete": "off", "size": 12})
    )
    use_required_attribute = False

    def __init__(self, found: Drafted, data: Any = None) -> None:
        row = found.row.key_result
        self.unit, self.currency = unit_of(row), row.objective.workspace.currency
        target = written(found.target, self.unit)
        initial = {"title": str(row), "target": target, "keep": not found.problem}
        super().__init__(data, prefix=succession.key_of(found.row), initial=initial)
        self.found = found
        self.aim = f"to keep {kept(row)}" if row.shape == Shape.keep else ""
        if found.target is not None:
            aim = formats.value(found.target, self.unit, self.currency)
            self.aim, self.fields["target"].help_text = f"to reach {aim}", aim
        if found.fields["shape"] not in (Shape.reach, Shape.manual):
            del self.fields["target"]

    def clean_target(self) -> float | None:
        if not self.cleaned_data["target"]:
            raise forms.ValidationError("Give the value to reach.")
        try:
            return read_amount(self.cleaned_data["target"], self.unit, self.currency)
        except DefinitionError as error:
            raise forms.ValidationError(f"{error.message} {error.fix}") from error

    @property
    def edit(self) -> succession.Edit:
        said = self.cleaned_data
        made: succession.Edit = {"keep": said["keep"]}
        if said.get("title") and "title" in self.changed_data:
            made["title"] = said["title"]
        if "target" in said:
            made["target"] = said["target"]
        return made


@inside
def page(here: Here, cycle: str, team: str) -> HttpResponse:
    gate.require(here.member, "write")
    close = close_of(here, cycle, team)
    if close is None or close.closed_at is None:
        raise Conflict("This cycle is not closed yet.", fix="Close it first, under Reviews.")
    posted = here.request.POST or None
    chosen = succession.following(close.cycle)
    form = None if chosen else CycleForm(posted, initial=_initial(close.cycle))
    whole = form or forms.Form(posted)
    draft = succession.drafted(close, chosen or succession.suggested(close.cycle), now=here.now)
    rows = [(one, [DraftForm(d, posted) for d in one.key_results]) for one in draft]
    if posted and _right(form, rows):
        made = attempt(whole, lambda: _save(here, close, chosen, form, rows))
        if made is not None:
            return _gone(here, close, chosen, form, made)
    return here.show(
        "next_cycle.html",
        title=f"{close.team}: the cycle after {close.cycle}",
        close=close,
        chosen=chosen,
        dates=form,
        form=whole,
        rows=rows,
        open=any(d.saved is None for one in draft for d in one.key_results),
    )


Rows = list[tuple[succession.DraftedObjective, list[DraftForm]]]


def _right(form: CycleForm | None, rows: Rows) -> bool:
    """Each is looked at, so that all errors show at once; what is left out may be wrong."""
    found = [form.is_valid()] if form else []
    for _, drafts in rows:
        for one in drafts:
            right = one.is_valid()
            found.append(right or not one.data.get(one.add_prefix("keep")))
    return all(found)


@transaction.atomic
def _save(
    here: Here, close: Close, chosen: Cycle | None, form: CycleForm | None, rows: Rows
) -> list[KeyResult]:
    now = timezone.now()
    if chosen is None and form is not None:
        said = form.cleaned_data
        chosen = actions.save_cycle(
            here.workspace, parent=None, by=here.member, now=now,
            **{name: said[name] for name in ("key", "name", "starts", "ends")},
        )  # fmt: skip
    if chosen is None:
        raise Conflict("There is no cycle to draft for.")
    edits = {succession.key_of(d.found.row): d.edit for _, drafts in rows for d in drafts}
    return succession.save_next(close, chosen, edits, by=here.member, now=now)


def _gone(
    here: Here, close: Close, chosen: Cycle | None, form: CycleForm | None, made: list[KeyResult]
) -> HttpResponse:
    said = {"key": chosen.key, "name": str(chosen)} if chosen else form.cleaned_data if form else {}
    many = f"{len(made)} key result{'' if len(made) == 1 else 's'}"
    messages.success(here.request, f"{said['name']} begins with {many} of {close.team}.")
    return here.go("objectives", cycle=said["key"], team=close.team.key)


def _initial(cycle: Cycle) -> dict[str, Any]:
    found = succession.suggested(cycle)
    return {"key": found.key, "name": found.name, "starts": found.starts, "ends": found.ends}
