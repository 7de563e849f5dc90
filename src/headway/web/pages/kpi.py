"""What is this number, and can it be trusted?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from django.http import HttpResponse

from headway.alerting.reading import Story, of_metric
from headway.charts import formats
from headway.charts.picture import Picture
from headway.engine.definition import Definition
from headway.engine.errors import NotFound
from headway.engine.period import STORED_GRAINS, Grain, written_day, written_grain
from headway.engine.series import PART, Point, Series, point_dict
from headway.metrics.drivers.tree import Verified, finding, verified
from headway.metrics.happened.happenings import annotations_by
from headway.metrics.happened.marks import marked
from headway.metrics.lifetime.lifetime import knows_customers
from headway.metrics.models import Annotation, Metric, Restated
from headway.metrics.picture import REACH, picture
from headway.metrics.reading import grain_of, series
from headway.metrics.restated import reasons, restated
from headway.outlook.ahead import FORECAST, Ahead
from headway.outlook.links import ties_of
from headway.outlook.picture import foreseen
from headway.outlook.turns import TURNS, Levels, turned_in
from headway.outlook.words import sentences
from headway.stats.history import CannotTell
from headway.web import remarks
from headway.web.changes import changes
from headway.web.context import Here, inside
from headway.web.definition_text import as_yaml
from headway.web.drawings import answer
from headway.web.exports import data
from headway.web.kept import frozen_words
from headway.web.marks import marking
from headway.web.pages.kpis import family_words
from headway.web.paging import paged
from headway.web.readings import Reading, reading_at
from headway.web.tables import Grid, grids
from headway.web.uses import Uses
from headway.web.warned import alerted, alerts_of

MOST_LINES = 6
MOST_PERIODS = 12
MOST_RESTATED = 12
MOST_NUMBERS = 53
"""So many rows of numbers stand on a page: a year of weeks."""


@dataclass
class Asked:
    """The grain, the range and the segments that the address asks for."""

    here: Here
    metric: Metric
    definition: Definition

    @cached_property
    def grain(self) -> Grain:
        text = self.here.request.GET.get("grain", "")
        return written_grain(text or grain_of(self.metric))

    @cached_property
    def segment_by(self) -> str:
        text = self.here.request.GET.get("segment", "")
        if text and text not in self.splits:
            known = ", ".join(self.definition.segments) or "none yet: name them in its definition"
            raise NotFound(f"`{self.metric}` has no segment `{text}`.", fix=f"It has {known}.")
        return text

    @cached_property
    def splits(self) -> dict[str, str]:
        """By what the series can be shown, with the word for it."""
        return {name: "part" if name == PART else name for name in self.definition.splits}

    @property
    def split_words(self) -> str:
        return self.splits.get(self.segment_by, "")

    @property
    def last(self) -> date:
        return self._day("to") or self.here.today

    @property
    def first(self) -> date:
        return self._day("from") or self.last - timedelta(days=REACH[self.grain])

    @cached_property
    def series(self) -> Series:
        end = self.last + timedelta(days=1)
        return series(self.metric, self.grain, self.segment_by, start=self.first, end=end)

    @cached_property
    def happened(self) -> tuple[Annotation, ...]:
        return annotations_by([self.metric])[self.metric.pk]

    @cached_property
    def turns(self) -> Levels | CannotTell:
        return TURNS.read(self.metric, grain_of(self.metric))

    @cached_property
    def picture(self) -> Picture:
        shown, left_out = largest(self._changes)
        end = self.last + timedelta(days=1)
        drawn = picture(self.metric, shown, self.here.workspace.currency)
        drawn = marked(drawn, self.happened, end)
        drawn = alerted(drawn, self.metric, self.alerts)
        drawn = foreseen(drawn, self.forecast, self.last)
        drawn = turned_in(drawn, self.metric, self.turns, self.here.workspace.currency)
        if not left_out:
            return drawn
        note = f"{drawn.note} The {MOST_LINES} largest segments; {left_out} more are in the data."
        return Picture(**{**vars(drawn), "note": note.strip()})

    @cached_property
    def alerts(self) -> list[Story]:
        """Those that are open and some that are over."""
        return of_metric(self.metric, self.here.today)

    @cached_property
    def forecast(self) -> Ahead | CannotTell:
        """At the grain at which people read the metric; others have none."""
        if self.grain != grain_of(self.metric):
            own = grain_of(self.metric)
            return CannotTell(f"It is forecast by {own}, as it is usually read.")
        return FORECAST.read(self.metric, self.grain)

    @property
    def foretold(self) -> list[str]:
        """The forecast in words; empty where it cannot be told."""
        if isinstance(self.forecast, CannotTell):
            return []
        unit, currency = self.metric.unit, self.here.workspace.currency
        return sentences(self.forecast, self.grain, unit, currency)

    @property
    def _changes(self) -> Series:
        """Levels would dwarf the changes beside them; they are in the numbers."""
        levels = self.definition.levels if self.segment_by == PART else ()
        points = tuple(p for p in self.series.points if p.segment not in levels)
        return replace(self.series, points=points)

    def _day(self, name: str) -> date | None:
        text = self.here.request.GET.get(name, "")
        return written_day(text, name) if text else None


@dataclass(frozen=True)
class Restatement:
    """Which of the numbers shown had another value before, and why."""

    rows: list[Restated]
    reasons: str
    grain: Grain

    @staticmethod
    def of(asked: Asked) -> Restatement | None:
        rows = restated(asked.metric, asked.grain, asked.first, asked.last)
        return Restatement(rows, reasons(rows), asked.grain) if rows else None

    @property
    def finding(self) -> str:
        many = f"{len(self.rows)} {self.grain}s" if len(self.rows) > 1 else f"1 {self.grain}"
        verb = "have" if len(self.rows) > 1 else "has"
        return f"{many} {verb} another value than before, because {self.reasons}."

    @property
    def newest(self) -> list[Restated]:
        return self.rows[:MOST_RESTATED]


@dataclass(frozen=True)
class Tree:
    """What a metric's tree makes of its drivers, beside what was measured."""

    formula: str
    finding: str
    periods: list[Verified]

    @staticmethod
    def of(asked: Asked) -> Tree | None:
        metric, end = asked.metric, asked.last + timedelta(days=1)
        found = verified(metric, asked.grain, asked.first, end)
        if not metric.profile.get("tree"):
            return None
        return Tree(metric.profile["tree"], finding(found, asked.grain), found[:MOST_PERIODS])


@inside
def page(here: Here, key: str) -> HttpResponse:
    metric = metric_of(here, key)
    asked = Asked(here, metric, metric.definition)
    reading = reading_at(here, metric, asked.grain)
    rows = (point_dict(p) for p in asked.series.points)
    return data(here.request, f"{key}-{asked.grain}", rows) or here.show(
        "kpi.html",
        title=metric.name,
        metric=metric,
        definition=asked.definition,
        reading=reading,
        family=family_words(metric.family),
        asked=asked,
        grains=STORED_GRAINS,
        grain=asked.grain,
        changes=changes(
            here,
            metric,
            asked.definition,
            asked.turns,
            asked.happened,
            (asked.first, asked.last),
            ties_of(metric),
        ),
        picture=asked.picture,
        **marking(here, asked.picture, metric),
        chart_url=here.url("kpi_chart", key, **here.request.GET.dict()),
        list=paged(here.request, _newest_first(asked.series), MOST_NUMBERS),
        interval=_interval(reading, here.workspace.currency),
        uses=Uses.of(metric),
        **alerts_of(here, asked.alerts),
        versions=metric.definitions.select_related("by").order_by("-version"),
        yaml=as_yaml(asked.definition),
        grids=_grids(metric, asked.grain),
        tree=Tree.of(asked),
        restatement=Restatement.of(asked),
        manual=asked.definition.kind == "manual",
        frozen=frozen_words(metric),
        lifetime=_has_customers(metric, asked.definition),
        coach=remarks.of_metric(here, metric, asked.definition),
    )


@inside
def chart(here: Here, key: str) -> HttpResponse:
    metric = metric_of(here, key)
    return answer(here.request, Asked(here, metric, metric.definition).picture)


def metric_of(here: Here, key: str) -> Metric:
    metrics = here.workspace.metrics.select_related("owner__person", "workspace")
    metric = metrics.filter(key=key).first()
    if metric is None:
        raise NotFound(f"There is no metric `{key}` in {here.workspace}.", where=key)
    return metric


def largest(found: Series) -> tuple[Series, int]:
    """The series of its largest segments, and how many others there are."""
    if len(found.segments) <= MOST_LINES:
        return found, 0
    sizes = {s: sum(p.n for p in found.of(s)) for s in found.segments}
    keep = sorted(sizes, key=lambda s: -sizes[s])[:MOST_LINES]
    points = tuple(p for s in keep for p in found.of(s))
    return Series(found.key, found.grain, points, found.segment_by), len(sizes) - MOST_LINES


def _has_customers(metric: Metric, definition: Definition) -> bool:
    """Whether it is asked, or may well be asked, what its customers are worth."""
    asked = bool(metric.profile.get("lifetime"))
    return asked or (knows_customers(definition) and metric.unit == "money")


def _newest_first(found: Series) -> list[Point]:
    return sorted(found.points, key=lambda p: (p.start, p.segment), reverse=True)


def _interval(reading: Reading, currency: str) -> str:
    """The 95 % interval of the latest value, in words."""
    latest = reading.latest
    if latest is None or latest.low is None or latest.high is None:
        return ""
    ends = (formats.value(v, reading.metric.unit, currency) for v in (latest.low, latest.high))
    return " to ".join(ends)


def _grids(metric: Metric, grain: Grain) -> list[Grid]:
    return grids(list(metric.tables.filter(grain=grain)), str(grain))
