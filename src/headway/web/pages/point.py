"""One number: what does it rest on?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.charts import formats
from headway.engine.definition import Definition
from headway.engine.errors import HeadwayError, NotFound
from headway.engine.evidence import Evidence
from headway.engine.period import written_day, written_grain
from headway.engine.series import PART, WHOLE, Point, point_dict
from headway.metrics.evidence import Input, Place, followed, inputs_at, place_of, points_around
from headway.metrics.models import Entry, Metric
from headway.web import trail
from headway.web.context import Here, inside
from headway.web.definition_text import as_yaml
from headway.web.exports import data
from headway.web.pages.kpi import metric_of
from headway.web.proof import Proof
from headway.web.uses import key_results_of

PATIENCE = 10
"""So many seconds a page looks for the events behind a number."""


@dataclass(frozen=True)
class Asked:
    """The number that the address names."""

    here: Here
    place: Place

    @property
    def metric(self) -> Metric:
        return self.place.metric

    @cached_property
    def definition(self) -> Definition:
        found = self.metric.definition
        return found.of_part(self.place.segment) if self.place.is_part else found

    @cached_property
    def around(self) -> dict[date, Point]:
        return points_around(self.place)

    @cached_property
    def point(self) -> Point:
        found = self.around.get(self.place.period.start)
        if found is None:
            raise NotFound(
                f"There is no number for {self.title}.",
                fix="Numbers go from the first event or typed value up to the present.",
            )
        return found

    @cached_property
    def inputs(self) -> list[Input]:
        names = self.definition.reads()
        return inputs_at(self.place, names) if names else []

    @property
    def when(self) -> str:
        period = self.place.period
        return formats.period(period.start, str(self.place.grain), period.end)

    @property
    def split(self) -> str:
        """`plan: pro`, or the name of a part; empty for everybody."""
        place = self.place
        split = bool(place.segment_by) and not place.is_part
        return f"{place.segment_by}: {place.segment}" if split else place.segment

    @property
    def title(self) -> str:
        return ", ".join(filter(None, [str(self.metric), self.split, self.when]))

    @property
    def last(self) -> date:
        return self.place.period.last

    @property
    def before(self) -> str:
        """The address of the number of the period before; empty where there is none."""
        calendar, place = self.here.workspace.calendar, self.place
        return self._neighbour(calendar.after(place.period.start, place.grain, -1))

    @property
    def after(self) -> str:
        return self._neighbour(self.place.period.end)

    def _neighbour(self, start: date) -> str:
        return self.url("point", start) if start in self.around else ""

    @property
    def typed(self) -> list[Entry]:
        """The values from which a number that is typed by hand was taken."""
        if self.definition.measured or self.definition.inputs():
            return []
        days = self.place.period
        found = self.metric.entries.filter(day__gte=days.start, day__lt=days.end)
        return list(found.select_related("by").order_by("-day"))

    @property
    def events(self) -> str:
        return self.url("point_events", self.place.period.start)

    @property
    def back(self) -> str:
        return self.url("point", self.place.period.start)

    def url(self, name: str, start: date) -> str:
        place, via = self.place, self.here.request.GET.get("via", "")
        by, segment = place.segment_by, place.segment
        return trail.address(
            self.here, name, place.metric.key, place.grain, start, by, segment, via
        )

    @property
    def filename(self) -> str:
        return f"{self.place.name}-{self.place.period.start}".replace(".", "-")

    @property
    def row(self) -> dict[str, Any]:
        return {
            "key": self.place.name,
            "kind": self.definition.kind,
            "unit": self.metric.unit,
            "definition_version": self.metric.refreshed_version,
            "grain": str(self.place.grain),
            "segment_by": self.place.segment_by,
            **point_dict(self.point),
        }


@inside
def page(here: Here, key: str, grain: str, start: str) -> HttpResponse:
    asked = _asked(here, key, grain, start)
    return data(here.request, asked.filename, [asked.row]) or here.show(
        "point.html",
        title=asked.title,
        asked=asked,
        metric=asked.metric,
        point=asked.point,
        grain=asked.place.grain,
        inputs=[(one, _down(here, asked, one)) for one in asked.inputs],
        typed=asked.typed,
        crumbs=trail.crumbs(here, asked.place),
        key_results=key_results_of(asked.metric),
        yaml=as_yaml(asked.definition),
    )


@inside
def events(here: Here, key: str, grain: str, start: str) -> HttpResponse:
    """Counted now: a part of the page above, and a page of its own where no script runs."""
    asked = _asked(here, key, grain, start)
    found, problem = _followed(asked)
    if problem and here.request.GET.get("format"):
        raise problem
    whole = not here.request.headers.get("HX-Request")
    return data(here.request, f"{asked.filename}-events", _rows(here, found)) or here.show(
        "point_events.html" if whole else "components/evidence.html",
        title=f"Events behind {asked.title}",
        status=503 if problem and whole else 200,
        asked=asked,
        proofs=[Proof(one, asked.point, here) for one in found],
        problem=problem,
        sees=gate.allows(here.member, "see people", here.workspace),
    )


def _asked(here: Here, key: str, grain: str, start: str) -> Asked:
    period = (written_grain(grain), written_day(start, "start"))
    return Asked(here, place_of(metric_of(here, key), *period, *_split(here)))


def _split(here: Here) -> tuple[str, str]:
    given = here.request.GET
    if part := given.get("part", ""):
        return PART, part
    return (by, given.get("is", "")) if (by := given.get("segment", "")) else ("", WHOLE)


def _followed(asked: Asked) -> tuple[tuple[Evidence, ...], HeadwayError | None]:
    """What could be found in time, or why nothing was."""
    asked.point  # noqa: B018 - no events are looked for where there is no number
    try:
        member, now = asked.here.member, timezone.now()
        return followed(asked.place, by=member, now=now, seconds=PATIENCE), None
    except HeadwayError as error:
        return (), error


def _rows(here: Here, found: tuple[Evidence, ...]) -> list[dict[str, Any]]:
    """JSON has everything; CSV a row for each selection of events."""
    if here.request.GET.get("format") == "json":
        return [one.to_dict() for one in found]
    return [row for one in found for row in _selections(one)]


def _selections(found: Evidence) -> Iterator[dict[str, Any]]:
    for one in found.selections:
        yield {
            "metric": found.name,
            "selection": one.name,
            "start": one.start.isoformat(),
            "end": one.end.isoformat(),
            "events": one.events,
            "by": one.by,
            "subjects": one.subjects,
        }


def _down(here: Here, asked: Asked, found: Input) -> str:
    """The number an input had; empty where none is kept."""
    if found.point is None:
        return ""
    return trail.of_place(here, found.place, trail.further(here, asked.metric.key))
