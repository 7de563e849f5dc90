"""Amounts as people write them (`85 %`, `30 min`, `€1.5M`), and back without losing a digit.

A plain number is already in the unit of the metric: 0…1 for percentages, seconds for durations.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from headway.engine.errors import DefinitionError, nearest

PERCENT = "percent"
DURATION_UNITS = frozenset({"duration", "seconds", "second", "s"})
"""Units whose values are seconds and may be written with a unit of time."""

MONEY = "money"
SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
MAGNITUDES = {"": 0, "k": 3, "K": 3, "M": 6, "B": 9}
SPANS = {
    86_400: ("d", "day", "days"),
    3600: ("h", "hour", "hours"),
    60: ("min", "minute", "minutes", "m"),
    1: ("s", "sec", "second", "seconds"),
}
SECONDS: dict[str, Decimal] = {
    **{word: Decimal(size) for size, words in SPANS.items() for word in words},
    "week": Decimal(604_800),
    "weeks": Decimal(604_800),
    "ms": Decimal("0.001"),
}
NUMBER = r"(?P<number>[+-]?(?:\d{1,3}(?:[,  ]\d{3})+|\d+)(?:\.\d+)?)"
AMOUNT = re.compile(
    rf"^(?P<before>[^\d\s+-]*) ?{NUMBER} ?(?P<magnitude>[kKMB](?![A-Za-z]))? ?(?P<after>[^\d\s]*)$"
)
EXAMPLES = {
    PERCENT: "Write for example `85 %`.",
    MONEY: "Write for example `1,000,000` or `1.5M`.",
    **dict.fromkeys(DURATION_UNITS, "Write for example `30 min` or `2 days`."),
}


def parse_amount(value: str | float, unit: str = "", currency: str = "") -> float:
    """The value in the unit that series are in; an empty `currency` accepts every currency sign."""
    if isinstance(value, bool):
        raise _unreadable(value, unit)
    number = float(value) if isinstance(value, int | float) else _of_text(value, unit, currency)
    if not math.isfinite(number):
        raise _unreadable(value, unit)
    return number


def format_amount(value: float, unit: str = "") -> str | int | float:
    """The shortest readable form that `parse_amount` turns into exactly the same value."""
    if unit == PERCENT:
        return f"{_plain(Decimal(repr(value)).scaleb(2))} %"
    if unit in DURATION_UNITS:
        return _span(value)
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def parse_change(text: str | float) -> tuple[float, str]:
    """`"25 %"` → (0.25, "percent"), `"5 points"` → (5.0, "points")."""
    found = re.match(rf"^{NUMBER} ?(?P<word>%|percent|points?)$", str(text).strip())
    if found is None or isinstance(text, bool):
        raise DefinitionError(
            f"`{text}` is not a change.",
            fix="Say percent or points: `25 %` (of the baseline) or `5 points` (added to it).",
        )
    number = _decimal(found["number"])
    if found["word"] in ("%", "percent"):
        return float(number.scaleb(-2)), "percent"
    return float(number), "points"


def format_change(change: float, change_in: str) -> str:
    number = Decimal(repr(change))
    return f"{_plain(number.scaleb(2))} %" if change_in == "percent" else f"{_plain(number)} points"


def _of_text(text: str, unit: str, currency: str) -> float:
    found = AMOUNT.match(text.strip())
    if found is None:
        raise _unreadable(text, unit)
    number = _decimal(found["number"]).scaleb(MAGNITUDES[found["magnitude"] or ""])
    before, after = found["before"], found["after"]
    if after in ("%", "percent") and not before:
        return _share(text, number, unit)
    if after and unit in DURATION_UNITS and not before:
        return _seconds(text, number, after)
    if before or after not in ("", unit):
        _check_currency(text, before, after, unit, currency)
    return float(number)


def _share(text: str, number: Decimal, unit: str) -> float:
    if unit != PERCENT:
        raise DefinitionError(
            f"`{text}` is a percentage, but the metric's unit is `{unit or 'number'}`.",
            fix="Give a plain amount, or set `unit: percent` on the metric.",
        )
    return float(number.scaleb(-2))


def _seconds(text: str, number: Decimal, word: str) -> float:
    size = SECONDS.get(word)
    if size is None:
        fix = nearest(word, SECONDS) or "Write for example `30 min` or `2 days`."
        raise DefinitionError(f"`{word}` in `{text}` is not a unit of time.", fix=fix)
    return float(number * size)


def _check_currency(text: str, before: str, after: str, unit: str, currency: str) -> None:
    named = SYMBOLS.get(before or after, before or after)
    known = {*SYMBOLS.values(), currency}
    if unit != MONEY or (before and after) or named not in known:
        raise _unreadable(text, unit)
    if currency and named != currency:
        raise DefinitionError(
            f"`{text}` is in {named}, but the workspace counts in {currency}.",
            fix=f"Give the amount in {currency}.",
        )


def _decimal(text: str) -> Decimal:
    return Decimal(re.sub("[,  ]", "", text))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _span(seconds: float) -> str:
    for size, words in SPANS.items():
        if seconds and seconds % size == 0 and abs(seconds) < 1e15:
            count = int(seconds) // size
            return f"{count} {_span_word(count, words)}"
    return f"{_plain(Decimal(repr(seconds)))} s"


def _span_word(count: int, words: tuple[str, ...]) -> str:
    short = words[0]
    return short if short in ("min", "s") else words[1 if count == 1 else 2]


def _unreadable(value: object, unit: str) -> DefinitionError:
    fix = EXAMPLES.get(unit, "Write a number, for example `250000` or `1.5M`.")
    return DefinitionError(f"`{value}` is not an amount.", fix=fix)
