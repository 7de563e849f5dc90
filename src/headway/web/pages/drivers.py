"""What moved a metric between two periods: its drivers, and its segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpResponse

from headway.charts import formats
from headway.engine.period import STORED_GRAINS, Grain, written_grain
from headway.engine.series import Point
from headway.metrics.drivers.drivers import (
    NO_DRIVERS,
    Moved,
    Span,
    asked,
    latest,
    moved,
    moved_by,
    to_dict,
)
from headway.metrics.drivers.lines import Line, lines
from headway.metrics.drivers.movers import Usual, of_change
from headway.metrics.models import Metric
from headway.metrics.reading import grain_of
from headway.stats.drivers import Split
from headway.web import exports
from headway.web.context import Here, inside
from headway.web.pages.kpi import metric_of

CHOICES = 60
"""So many periods are offered."""

METHODS = {
    "difference": "Each part is its own difference.",
    "log-mean": "Parts of a product or ratio are split by logarithmic means (LMDI).",
    "Shapley": "Each part is its mean effect over all orders in which the drivers may have moved.",
    "weights": "Each segment counts by its share of the denominator: partly for its own value, "
    "partly for how much it weighs.",
    "": "",
}


NOISE = {
    "beyond noise": "The change is larger than it usually is from one period to the next.",
    "within noise": "The change is within noise: it is no larger than it usually is from one "
    "period to the next.",
    "cannot tell": "",
}


@dataclass(frozen=True)
class Asked:
    here: Here
    metric: Metric

    @cached_property
    def span(self) -> Span:
        given = self.here.request.GET
        return asked(self.metric, self.grain, given.get("from", ""), given.get("to", ""))

    @cached_property
    def grain(self) -> Grain:
        return written_grain(self.here.request.GET.get("grain", "") or grain_of(self.metric))

    @cached_property
    def segments(self) -> Sequence[str]:
        return self.metric.definition.segments

    @cached_property
    def by(self) -> str:
        """What is measured without a tree is shown by its first segment."""
        given = self.here.request.GET.get("by", "")
        if given == "drivers" or (not given and self.whole.formula):
            return ""
        return given or next(iter(self.segments), "")

    @cached_property
    def whole(self) -> Moved:
        return moved(self.metric, self.span)

    @cached_property
    def split(self) -> Split | None:
        return moved_by(self.metric, self.span, self.by) if self.by else None

    @property
    def shown(self) -> Split:
        return self.split or self.whole.split

    @cached_property
    def lines(self) -> list[Line]:
        currency = self.here.workspace.currency
        return list(lines(self.whole, self.split, currency, usual=self.usual))

    @cached_property
    def usual(self) -> Usual:
        return of_change(self.whole, self.span, self.split, self.by)

    @property
    def noise(self) -> str:
        """Whether the change is one at all, in a sentence; empty where that is not known."""
        return NOISE[self.usual.change]

    @property
    def made(self) -> str:
        change = self.shown.change
        if change is None:
            return ""
        return formats.step(change, self.metric.unit, self.here.workspace.currency)

    @property
    def finding(self) -> str:
        """The largest part, in a sentence."""
        top = [line for line in self.lines if line.depth == 0]
        largest = max(top, key=lambda line: abs(line.share), default=None)
        if largest is None or not largest.share:
            return self.shown.reason or ("" if top else NO_DRIVERS)
        return f"Most of it: {largest.name}, {largest.made} of {self.made}."

    @property
    def method(self) -> str:
        return METHODS[self.shown.method]

    def periods(self) -> Sequence[Point]:
        return latest(self.metric, self.grain, CHOICES)


@inside
def page(here: Here, key: str) -> HttpResponse:
    metric = metric_of(here, key)
    found = Asked(here, metric)
    choices = found.periods()
    if len(choices) < 2:
        return _too_few(here, metric, found)
    if exported := exports.data(here.request, f"{key}-drivers", _rows(found)):
        return exported
    part = bool(here.request.headers.get("HX-Request"))
    return here.show(
        "components/moved.html" if part else "drivers.html",
        title=f"What moved {metric}",
        metric=metric,
        asked=found,
        choices=choices,
        grains=STORED_GRAINS,
        alone=part,
    )


def _too_few(here: Here, metric: Metric, found: Asked) -> HttpResponse:
    template = "drivers.html"
    if here.request.headers.get("HX-Request"):
        template = "components/moved.html"
    title = f"What moved {metric}"
    return here.show(template, title=title, metric=metric, asked=None, grain=found.grain)


def _rows(found: Asked) -> list[dict[str, Any]]:
    split = to_dict(found.whole, found.span, found.by, found.split)
    return [
        {
            "metric": split["metric"],
            "start_before": split["start_before"].isoformat(),
            "start_after": split["start_after"].isoformat(),
            "part": part["name"],
            "before": part["before"],
            "after": part["after"],
            "made": part["share"],
            "by_its_own_value": part["own"],
            "noise": found.usual.of(part["name"]),
        }
        for part in split["parts"]
    ]
