"""The catalogue by question: what do you want to know?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from headway.accounts import gate
from headway.engine.kinds import KINDS
from headway.ingest.manifest.store import event_names
from headway.metrics.catalogue import Template, template, templates
from headway.metrics.needs import events_of, own_name
from headway.metrics.packs import other_names
from headway.metrics.stages import STAGES, by_stage
from headway.web.context import Here, inside


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    seen: bool


@dataclass(frozen=True)
class Entry:
    """A template with what it needs: events, or metrics that are here or not."""

    template: Template
    url: str
    events: tuple[Event, ...]
    inputs: tuple[Event, ...]
    there: bool

    @property
    def drawn(self) -> SafeString:
        return _drawn(self.template.key, self.url, self.events, self.inputs, self.there)

    @property
    def ready(self) -> bool:
        """Whether it has numbers as soon as it is made."""
        return bool(self.events or self.inputs) and all(e.seen for e in self.events or self.inputs)


@inside
def page(here: Here) -> HttpResponse:
    gate.require(here.member, "write", here.workspace)
    asked = here.request.GET
    found = [
        entry
        for entry in _fitting(_entries(here), asked.get("find", ""))
        if asked.get("stage", entry.template.family) in ("", entry.template.family)
        and (asked.get("ready") != "yes" or entry.ready)
    ]
    return here.show(
        "catalogue.html",
        title="What do you want to know?",
        groups=by_stage(found, lambda entry: entry.template.family),
        count=len(found),
        stages=STAGES,
        asked={name: asked.get(name, "") for name in ("find", "stage", "ready")},
        narrowed=any(asked.get(name) for name in ("find", "stage", "ready")),
        kinds=[(name, kind.summary) for name, kind in KINDS.items()],
    )


def _entries(here: Here) -> list[Entry]:
    known = event_names(here.workspace)
    there = set(here.workspace.metrics.values_list("key", flat=True))
    return [_entry(here, one, known, there) for one in templates()]


def _entry(here: Here, one: Template, known: Collection[str], there: Collection[str]) -> Entry:
    return Entry(
        template=one,
        url=here.url("kpi_new_form", one.key),
        events=tuple(Event(e, _seen(e, known)) for e in events_of(one.measure)),
        inputs=tuple(Event(key, key in there) for key in dict.fromkeys(one.inputs)),
        there=one.key in there,
    )


@lru_cache(maxsize=4096)
def _drawn(
    key: str, url: str, events: tuple[Event, ...], inputs: tuple[Event, ...], there: bool
) -> SafeString:
    """The catalogue is long and the same for everybody, so its entries are drawn once."""
    shown = {"template": template(key), "events": events, "inputs": inputs}
    return render_to_string("components/question.html", {**shown, "url": url, "there": there})


def _seen(event: str, known: Collection[str]) -> bool:
    return bool(known and own_name(event, known, other_names().get(event, ())))


def _fitting(entries: list[Entry], asked: str) -> list[Entry]:
    """By what they say; only where that finds none, by the stage they stand in."""
    words = asked.lower().split()
    own = [entry for entry in entries if all(word in _said(entry.template) for word in words)]
    return own or [entry for entry in entries if all(w in entry.template.family for w in words)]


def _said(one: Template) -> str:
    said = f"{one.question} {one.name} {one.meaning} {one.key} {one.measure['kind']}"
    return said.lower()
