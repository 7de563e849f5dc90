"""What are the customers of a metric worth?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse

from headway.charts import formats
from headway.engine.written import figure
from headway.metrics.lifetime.lifetime import knows_customers, read
from headway.metrics.lifetime.told import Cell, Cohort, Told
from headway.metrics.lifetime.words import cohort_row, in_months, money, rests_on, sentences
from headway.metrics.models import Metric
from headway.stats.history import CannotTell
from headway.web import exports
from headway.web.context import Here, inside
from headway.web.pages.kpi import metric_of

MOST = 36
"""So many cohorts stand on the page; all of them are in the data."""


@dataclass(frozen=True)
class Line:
    """A cohort as its row reads: `cells` with whether each is complete."""

    cohort: Cohort
    cells: tuple[tuple[str, bool], ...]
    so_far: str
    last: str
    interval: str = ""


@dataclass(frozen=True)
class Shown:
    """What was told, put in words."""

    told: Told
    metric: Metric

    @property
    def finding(self) -> list[str]:
        return list(sentences(self.told, self.metric))

    @property
    def rests_on(self) -> list[str]:
        return list(rests_on(self.told))

    @property
    def columns(self) -> list[str]:
        return [f"{n} month{'s' if n > 1 else ''}" for n in self.told.months]

    @property
    def last(self) -> str:
        """The heading of the last column, where it has one."""
        if self.told.way == "balances":
            return "Still there"
        return f"Next {in_months(self.told.horizon)}" if self.told.outlook else ""

    @property
    def lines(self) -> list[Line]:
        return [self._line(cohort) for cohort in self.told.cohorts[::-1][:MOST]]

    @property
    def left_out(self) -> int:
        return max(0, len(self.told.cohorts) - MOST)

    @property
    def open(self) -> bool:
        """Whether some cell may still grow."""
        return any(not done for line in self.lines for text, done in line.cells if text)

    @property
    def model(self) -> Iterator[tuple[str, str]]:
        for name, value in self.told.outlook.model.items() if self.told.outlook else ():
            yield name.replace("_", " "), f"{figure(value, 4)}"

    def _line(self, cohort: Cohort) -> Line:
        last, interval = "", ""
        if cohort.staying is not None:
            last = formats.percent(round(cohort.staying, 3))
        if cohort.ahead is not None:
            last = money(cohort.ahead.mean, self.metric)
            low, high = (money(v, self.metric) for v in (cohort.ahead.low, cohort.ahead.high))
            interval = f"{low} to {high}"
        cells = tuple((self._cell(cell), cell.complete) for cell in cohort.cells)
        return Line(cohort, cells, money(cohort.so_far, self.metric), last, interval)

    def _cell(self, cell: Cell) -> str:
        return "" if cell.value is None else money(cell.value, self.metric)


@inside
def page(here: Here, key: str) -> HttpResponse:
    metric = metric_of(here, key)
    told = read(metric)
    shown = Shown(told, metric) if isinstance(told, Told) else None
    rows = [cohort_row(cohort, shown.told) for cohort in shown.told.cohorts] if shown else []
    return exports.data(here.request, f"{key}-lifetime", iter(rows)) or here.show(
        "lifetime.html",
        title=f"{metric.name}: lifetime value",
        metric=metric,
        shown=shown,
        waiting=told.reason if isinstance(told, CannotTell) else "",
        possible=knows_customers(metric.definition),
    )
