"""How the data of a source come in: rows a day, and whether it has fallen silent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from headway.charts import formats
from headway.ingest.models import Fingerprint, Part, Source
from headway.web.context import Here

DAYS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class DayRows:
    """Rows of one UTC day; the last day of a living source is still open."""

    day: date
    value: int
    complete: bool


@dataclass(frozen=True)
class Arrivals:
    source: Source
    days: Sequence[DayRows]
    today: date

    @property
    def silent_for(self) -> int:
        """Whole days since the last event."""
        last = self.source.last_event_at
        return (self.today - last.date()).days if last else 0

    @property
    def state(self) -> str:
        """`unreadable`, `receiving`, `silent` or `empty`."""
        if self.source.problem or self._fetch_problem:
            return "unreadable"
        if self.source.last_event_at is None:
            return "empty"
        if self._is_known_to_be_quiet:
            return "receiving"
        return "silent" if self.silent_for > self.source.gap_days else "receiving"

    @property
    def _fetch_problem(self) -> str:
        return self.source.last_fetch.problem if self.source.last_fetch else ""

    @property
    def _is_known_to_be_quiet(self) -> bool:
        """A fetch brings all that happened: when it was done, nothing more had happened."""
        fetch, fetcher = self.source.last_fetch, self.source.sort.fetcher
        return bool(fetcher and fetcher.complete and fetch and fetch.done_at)

    @property
    def words(self) -> str:
        gap = f"{self.source.gap_days} day{'s' if self.source.gap_days != 1 else ''}"
        if self.state == "unreadable":
            what = "Its table cannot be read" if self.source.is_warehouse else "A file is damaged"
            if self._fetch_problem and not self.source.problem:
                what = "It could not be fetched"
            return f"{what}. Metrics that need it keep the numbers they have."
        if self.state == "empty":
            return self._empty_words
        if self.state == "silent":
            return (
                f"Silent for {self.silent_for} days, longer than its usual gap of {gap}: "
                "later days are unknown, not zero."
            )
        if self._is_known_to_be_quiet:
            return "Each fetch brings all that happened: what is not there counts as zero."
        return f"A quiet stretch of up to {gap} is usual here and counts as zero."

    @property
    def _empty_words(self) -> str:
        if self.source.is_fetched:
            done = self.source.last_fetch and self.source.last_fetch.done_at
            return "There is nothing yet." if done else "The worker has not fetched it yet."
        if not self.source.is_warehouse:
            return "Nothing has come in yet."
        if self.source.probed_at is None:
            return "The worker has not looked at its table yet."
        return "Its table has no rows yet."

    @property
    def line_words(self) -> str:
        """The line of days, for those who do not see it."""
        if not self.days:
            return "No rows yet"
        first, last = self.days[0].day, self.days[-1].day
        most = formats.number(max(d.value for d in self.days))
        return f"Rows a day from {formats.day(first)} to {formats.day(last)}, at most {most}"

    @property
    def row(self) -> dict[str, Any]:
        """The arrivals as data."""
        source = self.source
        return {
            "key": source.key,
            "kind": source.kind,
            "problem": source.problem or self._fetch_problem,
            "rows": source.rows,
            "rejected": source.rejected,
            "first_event_at": _iso(source.first_event_at),
            "last_event_at": _iso(source.last_event_at),
            "state": self.state,
        }


def arrivals(here: Here, sources: Iterable[Source]) -> list[Arrivals]:
    """A few queries for all of them. The days shown end with each source's last event."""
    listed = list(sources)
    per_day = _rows_per_day(listed)
    return [Arrivals(s, _recent(s, per_day[s.pk], here.today), here.today) for s in listed]


def _rows_per_day(sources: Sequence[Source]) -> dict[int, Counter[str]]:
    """Of the parts that hold one of the days shown, old parts are not read; and of warehouses."""
    parts, days = Q(pk=None), Q(pk=None)
    for source in sources:
        if source.last_event_at:
            since = source.last_event_at - timedelta(days=DAYS_SHOWN)
            parts |= Q(source=source, last_at__gte=since)
            days |= Q(source=source, day__gte=since.date())
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for source_id, counts in Part.objects.filter(parts).values_list("source_id", "days"):
        found[source_id].update(counts)
    seen = Fingerprint.objects.filter(days).values_list("source_id", "day", "rows")
    for source_id, day, rows in seen:
        found[source_id][day.isoformat()] += rows
    return found


def _recent(source: Source, rows: Counter[str], today: date) -> list[DayRows]:
    """Not the days before there was anything."""
    if source.first_event_at is None or source.last_event_at is None:
        return []
    first, last = source.first_event_at.date(), source.last_event_at.date()
    recent = (last - timedelta(days=back) for back in range(DAYS_SHOWN - 1, -1, -1))
    days = [day for day in recent if day >= first]
    return [DayRows(day, rows[day.isoformat()], day < today) for day in days]


def _iso(moment: date | None) -> str | None:
    return moment.isoformat() if moment else None
