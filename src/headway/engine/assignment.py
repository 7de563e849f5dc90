"""The subjects of an experiment: which variant each got, and what a metric counts of them since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Any, Literal

import pyarrow as pa

from headway.engine.ask import MICROSECOND, Ask, Scope
from headway.engine.definition import Definition
from headway.engine.each import Compared, Each
from headway.engine.errors import DefinitionError
from headway.engine.period import day_at, day_number, micros
from headway.engine.selection import Added, Match, Span
from headway.engine.statistics import Arms
from headway.engine.tally import Tally

Measure = Literal["share", "rate", "mean", "ratio", "adjusted"]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Assignment:
    """Events on the days from `start` until `end`, which is not one of them.

    With `within`, what a subject does counts for so long after its assignment, and the subject from
    then on; with `before`, means and shares are adjusted by what it did for so long before. Without
    a `variant` everybody is in the same one. `source` has the assignments; None: whatever came to
    Headway itself.
    """

    match: Match
    variant: str | None
    start: date
    end: date
    by: str = "user"
    within: timedelta | None = None
    before: timedelta | None = None
    source: str | None = None


@dataclass(frozen=True)
class Assigned:
    """`steps`: day → variant → what was added on it. `mixed` are subjects seen in several variants:
    they are in none. `adjusted`: y is what x was before the assignment. `open`: so long after its
    assignment nobody knows yet whether a subject succeeds, and it is not counted.
    """

    compared: Compared
    adjusted: bool
    steps: Mapping[date, Mapping[str, Tally]]
    mixed: Mapping[date, int]
    open: timedelta = timedelta()

    @property
    def measure(self) -> Measure:
        return "adjusted" if self.adjusted else self.compared

    @cached_property
    def days(self) -> dict[date, dict[str, Tally]]:
        """The sums by the end of each day on which something was added."""
        days = sorted(self.steps)
        return dict(zip(days, accumulate((self.steps[d] for d in days), _together), strict=True))

    def by(self, day: date) -> dict[str, Tally]:
        """The sums by the end of a day."""
        known = [d for d in self.days if d <= day]
        return self.days[known[-1]] if known else {}

    def mixed_by(self, day: date) -> int:
        return sum(n for d, n in self.mixed.items() if d <= day)


def assigned(definition: Definition, assignment: Assignment, ask: Ask) -> Assigned:
    """Raises DefinitionError for a metric of which nothing belongs to one subject."""
    each = definition.each(ask)
    check_subjects(definition, each, assignment.by)
    table = ask.run(_statistic(each, assignment, ask.scope))
    adjusted = assignment.before is not None and _adjustable(each)
    return Assigned(each.compared, adjusted, *_read(table), each.open)


def check_subjects(definition: Definition, each: Each, by: str) -> None:
    """Raises DefinitionError where the metric counts other subjects than those assigned."""
    if each.by and each.by != by:
        raise DefinitionError(
            f"`{definition.key}` counts by {each.by}, and the assignments are by {by}.",
            where=f"metric `{definition.key}`",
            fix=f"Use a metric with `by: {by}`.",
        )


def _statistic(each: Each, of: Assignment, scope: Scope) -> Arms:
    before = of.before if _adjustable(each) else None
    source = None if each.source == of.source else each.source
    nested, today = each.compared == "rate", scope.calendar.day_of(scope.as_of)
    return Arms(
        _span(of, each, before, scope), of.match, of.variant, of.by, each.x, each.y, nested, source,
        day_number(of.start), day_number(of.end), _until(of, scope), day_number(today),
        None if of.within is None else of.within // MICROSECOND,
        None if before is None else before // MICROSECOND,
    )  # fmt: skip


def _adjustable(each: Each) -> bool:
    return each.compared in ("share", "mean")


def _span(of: Assignment, each: Each, before: timedelta | None, scope: Scope) -> Span:
    """What begins in the hour before the assignment counts, so that a day more is read."""
    if not isinstance(each.x, Added):
        before = timedelta()
    start = of.start if before is None else of.start - timedelta(days=before.days + 1)
    waits = (of.within or timedelta()) + each.open
    end = of.end + timedelta(days=waits.days + 2) if waits else of.end
    today = scope.calendar.day_of(scope.as_of)
    last = max(of.start, min(end, today + DAY))
    return Span(scope.calendar, day_number(start), day_number(last), of.source)


def _until(of: Assignment, scope: Scope) -> int:
    """The last instant that counts; the question is asked before `as_of`."""
    end = scope.calendar.instant(of.end) + (of.within or timedelta())
    return micros(min(end, scope.as_of)) - 1


def _read(table: pa.Table) -> tuple[dict[date, dict[str, Tally]], dict[date, int]]:
    steps: dict[date, dict[str, Tally]] = defaultdict(dict)
    mixed: dict[date, int] = defaultdict(int)
    rows: list[dict[str, Any]] = table.to_pylist()
    for row in rows:
        day = day_at(row["d"])
        if row["mixed"]:
            mixed[day] += row["n"]
        else:
            x, y, xx, yy, xy = (float(row[name]) for name in ("x", "y", "xx", "yy", "xy"))
            steps[day][row["v"]] = Tally(row["n"], x, y, xx, yy, xy)
    return dict(steps), dict(mixed)


def _together(before: Mapping[str, Tally], more: Mapping[str, Tally]) -> dict[str, Tally]:
    return {
        name: before.get(name, Tally()) + more.get(name, Tally()) for name in {**before, **more}
    }
