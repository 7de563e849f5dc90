"""Days, weeks, months: half-open periods of local time, and where they lie in UTC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from headway.engine.errors import DefinitionError, InputError, nearest

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EPOCH = date(1970, 1, 1)
MONTHS = {"month": 1, "quarter": 3, "year": 12}
MICROS_A_DAY = 86_400_000_000
FEWEST_DAYS = 7
"""Late events and open periods need as much."""


class Grain(StrEnum):
    day = "day"
    week = "week"
    month = "month"
    quarter = "quarter"
    year = "year"
    all = "all"


STORED_GRAINS = (Grain.day, Grain.week, Grain.month, Grain.quarter, Grain.year)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """[start, end) in whole local days."""

    start: date
    end: date

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)


def written_day(text: str, where: str) -> date:
    """Raises InputError for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"`{text}` is not a day.", where=where, fix="Write it as 2026-03-31."
        ) from None


def written_grain(text: str) -> Grain:
    """One at which points are kept. Raises InputError for another."""
    if text not in STORED_GRAINS:
        known = ", ".join(STORED_GRAINS)
        raise InputError(f"`{text}` is not a grain.", where="grain", fix=f"Use one of {known}.")
    return Grain(text)


@cache
def _timezones() -> frozenset[str]:
    """Asking for them reads the whole folder of zones each time."""
    return frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class Calendar:
    """A time zone and the day on which weeks start (0 = Monday)."""

    timezone: str = "UTC"
    week_starts: int = 0

    @staticmethod
    def of(timezone: str, week_starts: str = "monday") -> Calendar:
        if timezone not in _timezones():
            hint = nearest(timezone, _timezones()) or "Name one such as `Europe/Berlin`."
            raise DefinitionError(f"`{timezone}` is not a time zone.", where="timezone", fix=hint)
        if week_starts not in WEEKDAYS:
            fix = nearest(week_starts, WEEKDAYS) or f"Use one of {', '.join(WEEKDAYS)}."
            raise DefinitionError(
                f"`{week_starts}` is not a weekday.", where="week_starts", fix=fix
            )
        return Calendar(timezone, WEEKDAYS.index(week_starts))

    def day_of(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.timezone)).date()

    def instant(self, day: date) -> datetime:
        """The UTC instant at which the local day begins."""
        try:
            return _midnight(self.timezone, day)
        except OverflowError:
            raise _beyond(day) from None

    def start_of(self, day: date, grain: Grain) -> date:
        if grain is Grain.day or grain is Grain.all:
            return day
        if grain is Grain.week:
            try:
                return day - timedelta(days=(day.weekday() - self.week_starts) % 7)
            except OverflowError:
                raise _beyond(day) from None
        months = MONTHS[grain]
        return date(day.year, (day.month - 1) // months * months + 1, 1)

    def after(self, start: date, grain: Grain, steps: int = 1) -> date:
        """The start of the period that is `steps` after the one starting at `start`.

        Raises InputError where the calendar ends.
        """
        try:
            if grain is Grain.day:
                return start + timedelta(days=steps)
            if grain is Grain.week:
                return start + timedelta(days=7 * steps)
            month = start.year * 12 + start.month - 1 + MONTHS[grain] * steps
            return date(month // 12, month % 12 + 1, 1)
        except (OverflowError, ValueError):
            raise _beyond(start) from None

    def period(self, day: date, grain: Grain) -> Period:
        start = self.start_of(day, grain)
        return Period(start, self.after(start, grain))

    def periods(self, start: date, end: date, grain: Grain) -> tuple[Period, ...]:
        """Every period that overlaps [start, end), whole; for `all`, the range itself."""
        if end <= start:
            raise DefinitionError(
                f"The range ends on {end}, not after its start {start}.",
                where="range",
                fix="Give an end that is later than the start; the end day is not included.",
            )
        if grain is Grain.all:
            return (Period(start, end),)
        return tuple(self._walk(self.start_of(start, grain), end, grain))

    def _walk(self, start: date, end: date, grain: Grain) -> Iterator[Period]:
        while start < end:
            following = self.after(start, grain)
            yield Period(start, following)
            start = following

    def offsets(self, start: date, end: date) -> tuple[tuple[int, int], ...]:
        """UTC offsets in force over [start, end): (from this epoch microsecond, offset in µs)."""
        return _offsets(self.timezone, start - timedelta(days=2), end + timedelta(days=2))


def first_kept(text: str, today: date) -> date | None:
    """The first day of what is kept for so long; None: everything is. Raises DefinitionError."""
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,4}) ?(day|month)s?", text)
    if found is None or (found[2] == "day" and int(found[1]) < FEWEST_DAYS) or not int(found[1]):
        raise DefinitionError(
            f"`{text}` is not how long events can be kept.",
            where="workspace.keep_events",
            fix=f"Write for example `90 days` or `13 months`, at least {FEWEST_DAYS} days; "
            "nothing keeps them for ever.",
        )
    if found[2] == "day":
        return today - timedelta(days=int(found[1]))
    month = today.year * 12 + today.month - 1 - int(found[1])
    first = date(month // 12, month % 12 + 1, 1)
    return min(first + timedelta(days=today.day - 1), _last_of(first))


def _last_of(first: date) -> date:
    following = first + timedelta(days=31)
    return following - timedelta(days=following.day)


def day_number(day: date) -> int:
    """Days since 1970-01-01, the form in which statistics carry days."""
    return (day - EPOCH).days


def day_at(number: int) -> date:
    return EPOCH + timedelta(days=int(number))


def micros(instant: datetime) -> int:
    """Microseconds since the epoch, exactly."""
    delta = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _beyond(day: date) -> InputError:
    return InputError(f"{day} is at the end of the calendar.", fix="Choose a day of this century.")


@lru_cache(maxsize=16_384)
def _midnight(timezone: str, day: date) -> datetime:
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
    return local.astimezone(UTC)


@lru_cache(maxsize=256)
def _offsets(timezone: str, start: date, end: date) -> tuple[tuple[int, int], ...]:
    zone = ZoneInfo(timezone)
    at = datetime(start.year, start.month, start.day, tzinfo=UTC)
    stop = datetime(end.year, end.month, end.day, tzinfo=UTC)
    found = [(micros(at), _offset(at, zone))]
    while at < stop:
        following = at + timedelta(days=1)
        if _offset(following, zone) != _offset(at, zone):
            found.append((micros(_change(at, following, zone)), _offset(following, zone)))
        at = following
    return tuple(found)


def _offset(instant: datetime, zone: ZoneInfo) -> int:
    shift = instant.astimezone(zone).utcoffset() or timedelta()
    return round(shift.total_seconds() * 1_000_000)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the offset changes, by bisection."""
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(middle, zone) == _offset(before, zone):
            before = middle
        else:
            after = middle
    return after
