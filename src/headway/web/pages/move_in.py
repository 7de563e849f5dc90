"""Goals from other tools: send files, look at what would be made, make it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.charts import formats
from headway.engine.errors import HeadwayError, NotAllowed
from headway.files.problems import DocumentError
from headway.goals.models import KeyResult
from headway.moving.actions import Look, look, move_in
from headway.moving.arrival import Arrival, counted
from headway.moving.choices import Choices
from headway.moving.delivery import Delivery, deliveries, delivery, keep
from headway.moving.opening import MOST_FILES, File
from headway.web.context import Here, inside
from headway.web.forms.column_choices import Reading

MEGABYTE = 1_000_000
SHOWN = 100
"""Objectives, problems and notices that a page lists of each."""


class Files(forms.FileField):
    """Several at once."""

    widget = type("Several", (forms.ClearableFileInput,), {"allow_multiple_selected": True})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) and data else [data or None]
        return [super(Files, self).clean(one, initial) for one in given]


class Sending(forms.Form):
    files = Files(  # type: ignore[assignment]  # a field, in the place of what was sent
        help_text="CSV, Excel, the JSON of Viva Goals, what Headway wrote, or a ZIP of these."
    )

    def clean_files(self) -> list[Any]:
        files = self.cleaned_data["files"]
        size = sum(file.size or 0 for file in files)
        if size > settings.UPLOAD_MEGABYTES * MEGABYTE:
            raise forms.ValidationError(
                f"Together they have {formats.size(size)}; here up to "
                f"{settings.UPLOAD_MEGABYTES} MB are taken. At the command line: "
                "headway move-in FILE"
            )
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"Up to {MOST_FILES} files are taken at once.")
        return list(files)


@dataclass(frozen=True)
class Line:
    """A new key result in words."""

    title: str
    course: str


@dataclass(frozen=True)
class Group:
    """A new objective, or one that gets new key results."""

    title: str
    place: str
    lines: list[Line]


@inside
def page(here: Here) -> HttpResponse:
    gate.require(here.member, "write")
    sends = here.request.method == "POST"
    form = Sending(*((here.request.POST, here.request.FILES) if sends else ()))
    if form.is_valid():
        sent = [File(file.name or "file", file.read()) for file in form.cleaned_data["files"]]
        kept = keep(here.workspace, here.member, sent, now=timezone.now())
        return here.go("move_in_look", kept.token)
    return here.show(
        "move_in.html",
        title="Move goals in",
        form=form,
        waiting=deliveries(here.workspace, here.member),
        status=422 if form.errors else 200,
    )


@inside
def read(here: Here, token: str) -> HttpResponse:
    """How the files are read and what would be made of them; `do` says what a button asks."""
    gate.require(here.member, "write")
    kept = delivery(here.workspace, here.member, token)
    do = here.request.POST.get("do", "") if here.request.method == "POST" else ""
    if do == "drop":
        kept.drop()
        messages.success(here.request, "The files are forgotten; nothing was changed.")
        return here.go("move_in")
    seen, problem = _seen(here, kept)
    if do == "move":
        return _move(here, kept, seen)
    form = Reading(here, seen.sheets, kept.choices, here.request.POST if do else None)
    if do == "read" and form.is_valid():
        kept.choose(form.choices())
        return here.go("move_in_look", token)
    return _show(here, kept, seen, form, problem)


def _seen(here: Here, kept: Delivery) -> tuple[Look, str]:
    """Choices that do not fit the files any more are taken back."""
    try:
        return look(here.workspace, kept.files(), kept.choices, now=timezone.now()), ""
    except HeadwayError as error:
        kept.choose(Choices())
        return look(here.workspace, kept.files(), Choices(), now=timezone.now()), str(error)


def _move(here: Here, kept: Delivery, seen: Look) -> HttpResponse:
    try:
        done = move_in(
            here.workspace, kept.files(), kept.choices, by=here.member, now=timezone.now()
        )
    except NotAllowed:
        raise
    except HeadwayError as error:
        said = error.message if isinstance(error, DocumentError) else str(error)
        form = Reading(here, seen.sheets, kept.choices)
        return _show(here, kept, seen, form, said)
    kept.drop()
    messages.success(here.request, _summary(done))
    return here.go("objectives", cycle="all")


def _summary(done: Arrival) -> str:
    there = f" There already: {counted(done.kept)}." if done.kept else ""
    return f"Moved in: {counted(done.made) or 'nothing new'}.{there}"


def _show(here: Here, kept: Delivery, seen: Look, form: Reading, problem: str) -> HttpResponse:
    arrival = seen.arrival
    groups = _groups(here, arrival)
    return here.show(
        "move_in_look.html",
        title="What would be moved in",
        delivery=kept,
        seen=seen,
        form=form,
        problem=problem,
        made=counted(arrival.made),
        there=counted(arrival.kept),
        groups=groups[:SHOWN],
        more=max(0, len(groups) - SHOWN),
        problems=arrival.problems[:SHOWN],
        more_problems=max(0, len(arrival.problems) - SHOWN),
        notices=arrival.notices[:SHOWN],
        more_notices=max(0, len(arrival.notices) - SHOWN),
        key_results=_key_results(here, seen),
        status=422 if form.errors or problem else 200,
    )


def _key_results(here: Here, seen: Look) -> list[str]:
    """What may be chosen for check-ins that name none."""
    if not any(sheet.mapping.sort == "check-ins" for sheet in seen.sheets):
        return []
    rows = KeyResult.objects.filter(objective__workspace=here.workspace, archived_at=None)
    keys = rows.values_list("objective__key", "key").order_by("objective__key", "position")
    return [f"{objective}/{key}" for objective, key in keys[:500]]


def _groups(here: Here, arrival: Arrival) -> list[Group]:
    names = {item["key"]: item.get("name", "") for item in arrival.values.get("teams", [])}
    names |= {team.key: team.name for team in here.teams}
    return [
        Group(
            str(item.get("title", "")),
            " · ".join(
                filter(None, (names.get(item.get("team", ""), ""), str(item.get("cycle", ""))))
            ),
            [_line(one) for one in item.get("key_results", []) if isinstance(one, dict)],
        )
        for item in arrival.values.get("objectives", [])
        if isinstance(item, dict)
    ]


def _line(item: dict[str, Any]) -> Line:
    unit = "" if item.get("unit") in ("percent", None) else f" {item['unit']}"
    start = f"from {_amount(item['from'])} " if "from" in item else ""
    target = f"to {_amount(item['to'])}{unit}" if "to" in item else ""
    parts = [
        f"{start}{target}".strip(),
        f"measured by {item['metric']}" if "metric" in item else "",
        f"due {item['due']}" if "due" in item else "",
        f"weight {item['weight']:g}" if isinstance(item.get("weight"), int | float) else "",
        str(item.get("owner", "")),
    ]
    return Line(str(item.get("title") or item.get("key", "")), ", ".join(filter(None, parts)))


def _amount(value: Any) -> str:
    return formats.number(value) if isinstance(value, int | float) else str(value)
