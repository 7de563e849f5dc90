"""A number that no kind covers, from a query of one's own."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from math import fsum, isfinite
from typing import Annotated, ClassVar, NamedTuple

import numpy as np
from msgspec import Meta

from headway.engine.ask import Ask, Tallies
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError, StoreError
from headway.engine.period import Calendar, Period, day_number
from headway.engine.remnant import Remnant
from headway.engine.series import NONE, WHOLE, Answer
from headway.engine.sql.custom import columns_of
from headway.engine.sql.queries.custom import MOST
from headway.engine.statistics import Custom
from headway.engine.tally import Estimate, Tally

LONG_AGO = 36_500
"""Days: nobody knows which days a query looks at."""

FRACTION = {"numerator", "denominator"}


class Row(NamedTuple):
    day: date
    segment: str | None
    numbers: tuple[float | None, ...]


class Query(Definition, frozen=True, kw_only=True, tag="query"):
    """It reads `events` of its source and nothing else."""

    instead: ClassVar[str] = "Write it as a count, a sum or distinct subjects of events."
    summary: ClassVar[str] = (
        "What one SELECT over `events` returns: `period`, perhaps `segment`, and `value` or "
        "`numerator` and `denominator`. For the few things that no kind covers."
    )
    without: ClassVar[tuple[str, ...]] = ("fill", "where", "by")

    sql: Annotated[str, Meta(min_length=1, max_length=10_000)]

    def check(self) -> None:
        found = columns_of(self.sql)
        numbers = set(found) - {"period", "segment"}
        if "period" not in found or numbers not in ({"value"}, FRACTION):
            raise DefinitionError(
                f"The query returns {', '.join(f'`{c}`' for c in found) or 'nothing with a name'}.",
                where="sql",
                fix="It has to return `period` and `value`, or `numerator` and `denominator`, and "
                "may return `segment`.",
            )
        if self.segments and ("segment" not in found or len(self.segments) > 1):
            raise DefinitionError(
                "The query makes the segments itself, in its column `segment`.",
                where="segments",
                fix="Return `segment`, and name here once what it stands for.",
            )

    @property
    def _whole(self) -> bool:
        """Whether it returns values as they are, which do not add up."""
        return "value" in columns_of(self.sql)

    def answer(self, ask: Ask) -> Answer:
        if ask.scope.segment is not None and "segment" not in columns_of(self.sql):
            return self.reply(ask.points(self, {}))
        tallies: Tallies = {
            at: self._tally(ask, at[1], rows) for at, rows in self._rows(ask).items()
        }
        return self.reply(ask.points(self, tallies))

    def _rows(self, ask: Ask) -> dict[tuple[str, int], list[Row]]:
        found: dict[tuple[str, int], list[Row]] = defaultdict(list)
        for row in self._returned(ask):
            index = int(ask.scope.index(np.array([day_number(row.day)]))[0])
            segment = self._segment(row, split=ask.scope.segment is not None)
            if 0 <= index < len(ask.scope.periods) and segment is not None:
                found[segment, index].append(row)
        return found

    def _segment(self, row: Row, *, split: bool) -> str | None:
        """Where a row counts, if it does. Values do not add up: the whole has rows of its own."""
        if not split and not self._whole:
            return WHOLE
        own = row.segment != "" if "segment" in columns_of(self.sql) else False
        return (row.segment or NONE if own else WHOLE) if own == split else None

    def _returned(self, ask: Ask) -> list[Row]:
        scope = ask.scope
        span = scope.span(self, before=None)
        try:
            table = ask.run(Custom(span, scope.grain, self.sql, scope.start, scope.end))
        except StoreError as error:
            where = f"metric `{self.key}`, field `sql`"
            raise StoreError(error.message, where=where, fix="Mend the query.") from error
        if len(table) > MOST:
            raise StoreError(
                f"The query returns more than {MOST} rows.",
                where=f"metric `{self.key}`, field `sql`",
                fix="Group by `period`, and perhaps by a segment.",
            )
        names = ["value"] if self._whole else ["numerator", "denominator"]
        numbers = zip(*(table[name].to_pylist() for name in names), strict=True)
        rows = zip(table["p"].to_pylist(), table["s"].to_pylist(), numbers, strict=True)
        return [Row(date.fromisoformat(p), s, n) for p, s, n in rows if p is not None]

    def _tally(self, ask: Ask, index: int, rows: list[Row]) -> Tally:
        """`n` counts rows; of a value alone at the period's start `y` is 1, and `xx` if it
        is null.
        """
        known = [tuple(map(_finite, row.numbers)) for row in rows]
        if not self._whole:
            xs, ys = zip(*known, strict=True)
            return Tally(len(rows), fsum(x or 0 for x in xs), fsum(y or 0 for y in ys))
        alone = len(rows) == 1 and rows[0].day == ask.scope.periods[index].start
        value = known[0][0]
        return Tally(len(rows), value or 0.0, float(alone), float(alone and value is None))

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.n:
            return Estimate(None, reason="The query returns no row for this period.")
        if self._whole:
            return _alone(tally)
        if not tally.y:
            return Estimate(None, numerator=tally.x, denominator=0, reason="denominator is 0.")
        return Estimate(tally.x / tally.y, None, None, tally.x, tally.y)

    def influence(self) -> tuple[int, int | None]:
        return LONG_AGO, None

    def remnants(self) -> tuple[Remnant, ...]:
        """It reads what there is."""
        return ()

    def days_read(self) -> int:
        return 0

    def rests_from(self, period: Period, calendar: Calendar) -> date:
        return period.start

    def words(self) -> str:
        return "What a query of its own over the events returns."


def _alone(tally: Tally) -> Estimate:
    if tally.xx:
        return Estimate(None, reason="The query returns no value for this period.")
    if not tally.y:
        rows = f"{tally.n} row{'s' if tally.n > 1 else ''}"
        return Estimate(
            None,
            reason=f"The query returns {rows} within this period; a value has to stand alone, at "
            "the start of its period.",
        )
    return Estimate(tally.x)


def _finite(number: float | None) -> float | None:
    return number if number is not None and isfinite(number) else None
