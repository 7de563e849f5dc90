"""Suggestions that break down a key result: its target over the quarters, and over its drivers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from headway.engine.errors import DefinitionError
from headway.engine.kinds.formula import Formula, NoValue, Row, evaluate
from headway.engine.period import Period
from headway.engine.series import Point
from headway.goals.breaking import breakdown
from headway.goals.models import KeyResult, Over
from headway.goals.pace import a_year_before
from headway.goals.reading import DAY, Readings, reading_on, readings
from headway.goals.refresh import grain_of
from headway.metrics.models import Metric
from headway.metrics.reading import series

MONTHS_OF_PARTS = 3
LONG = timedelta(days=150)
"""A cycle that is longer is broken into quarters, a shorter one into months."""

WAYS = {
    "even": "Evenly",
    "compound": "By the same factor each time",
    "season": "As last year went",
}


@dataclass(frozen=True, slots=True)
class Way:
    """What each part should bring (a flow), and where it should stand by the end of each part."""

    name: str
    standing: tuple[float, ...] = ()
    brings: tuple[float, ...] = ()
    problem: str = ""

    @property
    def title(self) -> str:
        return WAYS[self.name]


@dataclass(frozen=True, slots=True)
class Parts:
    """`flow`: the target is a sum over the parts; else it stands at a height by the end of each."""

    periods: tuple[Period, ...]
    flow: bool
    ways: tuple[Way, ...]


class Driver(NamedTuple):
    metric: Metric
    now: float
    suggested: float


def parts_of(key_result: KeyResult) -> Parts:
    """Raises DefinitionError when it has no baseline or target to go between."""
    start, aim = key_result.baseline, key_result.aim
    if start is None or aim is None:
        raise DefinitionError(
            "Its baseline or its target is not known, so there is no way to break down.",
            fix="Give both, or wait until its baseline is measured.",
        )
    periods = tuple(_periods(key_result.cycle.starts, key_result.due))
    flow = key_result.over == Over.cycle_to_date
    makes = _flows if flow else _stocks
    ways = tuple(_way(n, makes(key_result, periods, start, aim)[n], start, flow) for n in WAYS)
    return Parts(periods, flow, ways)


Made = Callable[[], list[float]]


def _way(name: str, made: Made, start: float, flow: bool) -> Way:
    try:
        found = made()
    except DefinitionError as error:
        return Way(name, problem=f"{error.message} {error.fix}".strip())
    if flow:
        return Way(name, tuple(start + s for s in breakdown.sums(found)), tuple(found))
    return Way(name, tuple(found), tuple(breakdown.differences(start, found)))


def _flows(
    key_result: KeyResult, periods: Collection[Period], start: float, aim: float
) -> Mapping[str, Made]:
    total, count = aim - start, len(periods)

    def season() -> list[float]:
        standing = _last_year(key_result, periods)
        return breakdown.shared_like(total, breakdown.differences(standing[0], standing[1:]))

    return {
        "even": lambda: breakdown.shared_evenly(total, count),
        "compound": lambda: breakdown.shared_compound(total, count, _before(key_result, periods)),
        "season": season,
    }


def _stocks(
    key_result: KeyResult, periods: Collection[Period], start: float, aim: float
) -> Mapping[str, Made]:
    count = len(periods)
    return {
        "even": lambda: breakdown.path_even(start, aim, count),
        "compound": lambda: breakdown.path_compound(start, aim, count),
        "season": lambda: breakdown.path_like(start, aim, _last_year(key_result, periods)),
    }


def _last_year(key_result: KeyResult, periods: Collection[Period]) -> list[float]:
    """The same reading on the eve a year before, and by the end of each part."""
    opened = a_year_before(key_result.cycle.starts, weekly=False)
    found = _readings(key_result, opened)
    days = [opened - DAY, *(a_year_before(p.last, weekly=False) for p in periods)]
    return [_known(found, day) for day in days]


def _before(key_result: KeyResult, periods: Collection[Period]) -> float:
    """What came in over as many days as the first part has, just before it."""
    first = next(iter(periods))
    eve = first.start - DAY
    opened = first.start - (first.end - first.start)
    return _known(_readings(key_result, opened), eve)


def _known(found: Readings, day: date) -> float:
    reading = reading_on(found, day)
    if reading is None or reading.value is None or (day - reading.through).days > MOST_STALE:
        raise DefinitionError(f"Nothing is known of {day}.", fix="Choose another way.")
    return reading.value


MOST_STALE = 31
"""So many days before a day a reading may end and still tell of it: a month."""


def _readings(key_result: KeyResult, opens: date) -> Readings:
    metric = key_result.metric
    if metric is None:
        raise DefinitionError("Nothing measures it, so it has no past.", fix="Choose another way.")
    grain = grain_of(key_result, key_result.objective.workspace)
    points = series(metric, grain).of()
    if not points or min(p.start for p in points) > opens:
        raise DefinitionError(f"Its history begins after {opens}.", fix="Choose another way.")
    return readings(points, key_result.over, key_result.over_n, opens)


def _periods(starts: date, due: date) -> list[Period]:
    """Quarters from the first day on, fiscal ones too; months of a shorter cycle."""
    months = MONTHS_OF_PARTS if due - starts > LONG else 1
    found, start = [], starts
    while start <= due:
        end = min(_months_on(start, months), due + DAY)
        found.append(Period(start, end))
        start = end
    return found


def _months_on(day: date, months: int) -> date:
    """Of a day that every month has; cycles seldom begin on a 31st."""
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, min(day.day, 28))


def drivers_of(key_result: KeyResult, held: Collection[str] = ()) -> list[Driver]:
    """Of a formula: what its inputs are now, and would have to be for it to reach the target.

    A sum reaches it when each period that is left brings the same. None without a formula. Raises
    DefinitionError when the numbers for it are not known.
    """
    metric, aim = key_result.metric, key_result.aim
    formula = _formula(metric)
    if metric is None or formula is None or aim is None or key_result.value_through is None:
        return []
    inputs = {m.key: m for m in metric.workspace.metrics.filter(key__in=formula.inputs())}
    if set(formula.reads()) - inputs.keys():
        raise DefinitionError("It reads parts of metrics, which have no targets of their own.")
    now = {key: _now(inputs[key], key_result) for key in formula.reads()}

    def of(values: Mapping[str, float]) -> float:
        day = key_result.cycle.starts
        points = {k: (Point(day, day + DAY, v),) for k, v in values.items()}
        try:
            return float(evaluate(formula.expression, Row(points, 0)))
        except NoValue as error:
            raise DefinitionError(f"The formula looks back: {error}") from error

    found = breakdown.driver_targets(of, now, _in_a_period(key_result, aim), held)
    return [Driver(inputs[key], now[key], found[key]) for key in now]


def _in_a_period(key_result: KeyResult, aim: float) -> float:
    """What one period has to bring; sums are read day by day."""
    through = key_result.value_through
    if key_result.over == Over.trailing:
        return aim / (key_result.over_n or 1)
    if key_result.over != Over.cycle_to_date or through is None:
        return aim
    left = (key_result.due - through).days
    if left < 1:
        raise DefinitionError(
            f"It is due on {key_result.due}, and nothing is left to bring in.",
            fix="Break down the next one.",
        )
    return (aim - (key_result.value or 0.0)) / left


def _formula(metric: Metric | None) -> Formula | None:
    definition = metric.definition if metric else None
    if isinstance(definition, Formula):
        return definition
    tree = definition.tree if definition else ""
    return Formula(key=definition.key, formula=tree) if definition and tree else None


def _now(metric: Metric, key_result: KeyResult) -> float:
    grain = grain_of(key_result, key_result.objective.workspace)
    found = readings(series(metric, grain).of(), "latest", None, key_result.cycle.starts)
    through = key_result.value_through
    reading = reading_on(found, through) if through else None
    if reading is None or reading.value is None:
        raise DefinitionError(f"{metric} has no value for the last complete {grain}.")
    return reading.value
