"""Numbers, dates and changes as people read them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from headway.engine.written import THIN, grouped

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
PERIOD_WORDS = {
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "all": "whole range",
}
UNKNOWN = "unknown"
NONE = "–"
UNREADABLE = 1e18
"""Nothing that people count: a mistake in the events, and hundreds of digits if written out."""


def value(amount: float | None, unit: str = "", currency: str = "", *, exact: bool = False) -> str:
    """`0.1234, "percent"` → `12.3 %`; `exact` keeps cents and every digit of a count."""
    if amount is None or math.isnan(amount):
        return UNKNOWN
    if abs(amount) >= UNREADABLE:
        return f"{amount:.1e}".replace("-", "−")
    if unit == "money" or (len(unit) == 3 and unit.isupper()):
        return money(amount, currency if unit == "money" else unit, exact=exact)
    if unit == "percent":
        return percent(amount, exact=exact)
    return UNIT_FORMS.get(unit, _counted(unit))(amount)


def number(amount: float) -> str:
    """Whole numbers in full; fractions with three significant digits, never in powers of ten."""
    if amount == int(amount) or abs(amount) >= 1000:
        return grouped(amount, 0)
    digits = 1 if abs(amount) >= 100 else 2 if abs(amount) >= 1 else 3
    return grouped(amount, digits).rstrip("0").rstrip(".") or "0"


def percent(share: float, *, exact: bool = False) -> str:
    """One digit, two at both ends, none for whole percents unless `exact`.

    Only everything is 100 %: 99.999 % is written 99.99 %.
    """
    size = abs(share)
    if round(size * 100, 9) == round(size * 100) and not exact:
        return f"{grouped(share * 100, 0)}{THIN}%"
    if 0.99 <= size < 1:
        share = math.copysign(min(size, 0.9999), share)
    digits = 2 if 0.99 <= size < 1 or 0 < size < 0.01 else 1
    return f"{grouped(share * 100, digits)}{THIN}%"


def unused(faults: int) -> str:
    """`3 events could not be used`."""
    return f"{grouped(faults, 0)} event{'s' if faults != 1 else ''} could not be used"


def way(share: float) -> str:
    """Progress in whole percent; what is not all of the way never reads 100 %."""
    whole = round(share * 100)
    return f"{grouped(99 if whole == 100 and share < 1 else whole, 0)}{THIN}%"


def money(amount: float, currency: str, *, exact: bool = False) -> str:
    cents = abs(amount) < 100 and amount != int(amount)
    digits = 2 if exact or cents else 0
    symbol = SYMBOLS.get(currency)
    if symbol is None:
        return f"{grouped(amount, digits)}{THIN}{currency}".rstrip(THIN)
    return f"{'−' if amount < 0 else ''}{symbol}{grouped(abs(amount), digits)}"


def duration(seconds: float) -> str:
    """The two largest units that say something: `2 h 5 min`, `12.4 s`, `850 ms`."""
    sign, seconds = ("−", -seconds) if seconds < 0 else ("", seconds)
    if seconds and seconds < 1:
        return f"{sign}{number(round(seconds * 1000, 1))}{THIN}ms"
    if seconds < 60:
        return f"{sign}{number(round(seconds, 1))}{THIN}s"
    return sign + _two_units(round(seconds))


def _two_units(seconds: int) -> str:
    for size, name, smaller, small_name in (
        (86_400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if seconds >= size:
            rest = seconds % size // smaller
            tail = f" {rest}{THIN}{small_name}" if rest else ""
            return f"{grouped(seconds // size, 0)}{THIN}{name}{tail}"
    return f"{seconds}{THIN}s"


def milliseconds(amount: float) -> str:
    return f"{number(amount)}{THIN}ms" if abs(amount) < 1000 else duration(amount / 1000)


def points(amount: float) -> str:
    return f"{grouped(amount, 1)}{THIN}points"


def _counted(unit: str) -> Callable[[float], str]:
    return lambda amount: f"{number(amount)}{THIN}{unit}".rstrip(THIN)


UNIT_FORMS: dict[str, Callable[[float], str]] = {
    "": number,
    "count": number,
    "duration": duration,
    "seconds": duration,
    "s": duration,
    "ms": milliseconds,
    "points": points,
}


@dataclass(frozen=True, slots=True)
class Change:
    """A difference in words: `+3.2 %`, and whether that is better, worse or neither."""

    text: str
    word: str
    up: bool | None


def change(
    after: float | None, before: float | None, unit: str, direction: str, currency: str = ""
) -> Change | None:
    """Shares change in points, everything else in percent; None when either is unknown."""
    if after is None or before is None:
        return None
    difference = after - before
    if difference == 0:
        return Change("no change", "", None)
    return Change(
        _difference(difference, before, unit, currency),
        judgement(difference, direction),
        difference > 0,
    )


def step(amount: float, unit: str = "", currency: str = "") -> str:
    """An amount with its sign, such as what a part made of a change: `+1.2 points`, `−€300`."""
    sign = "−" if amount < 0 else "+" if amount > 0 else "±"
    if unit == "percent":
        return f"{sign}{grouped(abs(amount) * 100, 2)}{THIN}points"
    return sign + value(abs(amount), unit, currency)


def _difference(difference: float, before: float, unit: str, currency: str) -> str:
    sign = "+" if difference > 0 else "−"
    size = abs(difference)
    if unit == "percent":
        return f"{sign}{grouped(size * 100, 1)}{THIN}points"
    if before == 0 or unit == "points":
        return sign + value(size, unit, currency)
    return f"{sign}{grouped(size / abs(before) * 100, 1)}{THIN}%"


def judgement(difference: float, direction: str) -> str:
    if direction not in ("up", "down") or not difference:
        return ""
    return "better" if (difference > 0) == (direction == "up") else "worse"


def direction_words(direction: str) -> str:
    words = {"up": "higher is better", "down": "lower is better"}
    return words.get(direction, "neither way is better")


def period(start: date, grain: str, end: date | None = None) -> str:
    """The name of a period: `14 Mar 2026`, `week of 9 Mar 2026`, `Mar 2026`, `Q1 2026`, `2026`."""
    names: dict[str, Callable[[], str]] = {
        "week": lambda: f"week of {day(start)}",
        "month": lambda: f"{start:%b %Y}",
        "quarter": lambda: f"Q{(start.month + 2) // 3} {start.year}",
        "year": lambda: str(start.year),
        "all": lambda: days(start, end - timedelta(days=1)) if end else f"from {day(start)}",
    }
    return names.get(grain, lambda: day(start))()


def day(moment: date) -> str:
    return f"{moment.day} {moment:%b %Y}"


def days(first: date, last: date) -> str:
    """Two inclusive days as a range: `1 – 31 Mar 2026`."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} – {day(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%b} – {day(last)}"
    return f"{day(first)} – {day(last)}"


def ago(moment: date, today: date) -> str:
    """How far back a day lies, in the largest fitting unit: `yesterday`, `3 weeks ago`."""
    gone = (today - moment).days
    if gone < 0:
        return f"in {_spell(-gone)}" if gone < -1 else "tomorrow"
    return {0: "today", 1: "yesterday"}.get(gone) or f"{_spell(gone)} ago"


def just_now(seconds: float) -> str:
    """How far back an instant of the last hour lies: `just now`, `3 minutes ago`."""
    minutes = int(seconds // 60)
    return f"{minutes} minute{'s' if minutes != 1 else ''} ago" if minutes else "just now"


def _spell(count: int) -> str:
    for size, name in ((730, "year"), (60, "month"), (14, "week")):
        if count >= size:
            unit = {"year": 365, "month": 30, "week": 7}[name]
            many = count // unit
            return f"{many} {name}{'s' if many != 1 else ''}"
    return f"{count} day{'s' if count != 1 else ''}"


def size(count: float) -> str:
    """Bytes as `12.3 MB`."""
    for name in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{number(round(count, 1))}{THIN}{name}"
        count /= 1000
    return f"{number(round(count, 1))}{THIN}TB"
