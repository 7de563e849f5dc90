"""What people write in cells, read as numbers, days, shares and words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from headway.engine.errors import InputError, nearest
from headway.moving.table import Cell

SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
CODES = frozenset(
    [
        *("EUR", "USD", "GBP", "JPY", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "INR"),
        *("CNY", "AUD", "CAD", "NZD", "BRL", "MXN", "ZAR", "SGD", "HKD", "KRW", "TRY", "ILS"),
    ]
)
SIZES = (3, "k K thousand"), (6, "M mio Mio million"), (9, "B bn billion")
MAGNITUDES = {word: size for size, words in SIZES for word in words.split()}
POINT = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+|\d{1,2}(,\d{2})+,\d{3})?(\.\d+)?")
COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)?(,\d+)?")
DIGITS = r"[+-]?[\d][\d.,'’\s]*|[+-]?[.,]\d+"
AMOUNT = re.compile(rf"^(?P<before>[^\d+\-.,]*)(?P<digits>{DIGITS})(?P<after>[^\d]*)$")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
PERCENT = "percent"
EMPTY = ("", "-", "–", "—", "n/a", "na", "none", "null", "nan", "#n/a")


@dataclass(frozen=True)
class Style:
    """How a file writes numbers and days. `day_first` None: it does not say."""

    day_first: bool | None = None
    comma_decimal: bool = False


@dataclass(frozen=True)
class Amount:
    """`unit`: percent (then the value is a share), a currency's three letters, or free text."""

    value: float
    unit: str = ""


def text(cell: Cell) -> str:
    """One line break stays one; a whole number has no `.0`; what says "nothing" is empty."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.date() if cell.time() == time() else cell
    said = str(cell).replace("\x00", "").replace("\r\n", "\n").strip()
    return "" if said.lower() in EMPTY else said


# Numbers ----------------------------------------------------------------------------------------


def amount(cell: Cell, style: Style) -> Amount | None:
    """None for an empty cell. Raises InputError."""
    if isinstance(cell, bool | date | datetime | time | timedelta):
        raise _no_number(cell)
    if isinstance(cell, int | float):
        return Amount(_finite(cell, cell))
    said = _plain(text(cell))
    if not said:
        return None
    found = AMOUNT.match(said)
    if found is None:
        raise _no_number(said)
    value = _decimal(said, found["digits"], style)
    return _with_unit(said, value, found["before"].strip(), found["after"].strip())


def _plain(said: str) -> str:
    spaced = re.sub("[     ]", " ", said)
    bracketed = re.fullmatch(r"\((.*)\)", spaced)
    return f"-{bracketed[1]}" if bracketed else spaced.replace("−", "-")


def _with_unit(said: str, value: Decimal, before: str, after: str) -> Amount:
    word, _, rest = after.partition(" ")
    if word in MAGNITUDES:
        value, after = value.scaleb(MAGNITUDES[word]), rest.strip()
    if after.lower() in ("%", "percent", "pct") and not before:
        return Amount(_finite(value.scaleb(-2), said), PERCENT)
    unit = " ".join(filter(None, (before, after)))
    if len(unit) > 20 or (before and not currency(before)):
        raise _no_number(said)
    return Amount(_finite(value, said), currency(unit) or unit)


def currency(word: str) -> str:
    """Its three letters, or "" for what is none."""
    if word in SYMBOLS:
        return SYMBOLS[word]
    return word.upper() if word.upper() in CODES else ""


def _decimal(said: str, digits: str, style: Style) -> Decimal:
    written = re.sub(r"['’\s]", "", digits)
    if not (COMMA if style.comma_decimal else POINT).fullmatch(written):
        example = "1.234,5" if style.comma_decimal else "1,234.5"
        raise InputError(
            f"`{_short(said)}` is not a number as this file writes them.",
            fix=f"Write for example `{example}`.",
        )
    plain = written.replace(".", "") if style.comma_decimal else written.replace(",", "")
    try:
        return Decimal(plain.replace(",", "."))
    except InvalidOperation:
        raise _no_number(said) from None


def _finite(value: float | Decimal, said: object) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise _no_number(said) from None
    if not math.isfinite(number):
        raise _no_number(said)
    return number


def _no_number(said: object) -> InputError:
    return InputError(
        f"`{_short(said)}` is not a number.", fix="Write for example `1,250.5`, `85 %` or `€1.5M`."
    )


def uses_comma(cells: Iterable[Cell]) -> bool:
    """Whether numbers such as `12,5` or `1.250,75` tell that the comma is the decimal point."""
    for cell in cells:
        said = re.sub(r"[^\d.,]", "", text(cell)) if isinstance(cell, str) else ""
        if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?", said) and "," in said:
            return True
        if re.fullmatch(r"\d+,(\d{1,2}|\d{4,})", said):
            return True
        if re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", said):
            return True
    return False


# Days -------------------------------------------------------------------------------------------

SLASHED = re.compile(r"^(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})$")


def day(cell: Cell, style: Style) -> date | None:
    """None for an empty cell. Raises InputError; also where day and month cannot be told apart."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float | bool | time | timedelta):
        raise _no_day(cell)
    said = _without_time(text(cell))
    if not said:
        return None
    if found := SLASHED.match(said):
        return _slashed(said, found, style)
    return _spelled(said)


def _without_time(said: str) -> str:
    return re.sub(r"(?<=\d)[T, ]+\d{1,2}:\d\d.*$", "", said)


def _slashed(said: str, found: re.Match[str], style: Style) -> date:
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    year += 2000 if year < 100 else 0
    if found[2] == "." or first > 12:
        return _made(said, year, second, first)
    if second > 12:
        return _made(said, year, first, second)
    if first == second:
        return _made(said, year, first, second)
    if style.day_first is None:
        raise InputError(
            f"`{said}` may be {first} {MONTHS[second - 1].title()} or {second} "
            f"{MONTHS[first - 1].title()}.",
            fix="Say whether days or months come first in this file.",
        )
    return _made(said, year, *((second, first) if style.day_first else (first, second)))


def _spelled(said: str) -> date:
    words = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", said.lower()).replace(",", " ")
    parts = re.split(r"[\s/.\-]+", words.strip())
    if found := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", words):
        return _made(said, int(found[1]), int(found[2]), int(found[3]))
    if len(parts) == 3 and (month := next((m for p in parts if (m := month_of(p))), 0)):
        numbers = [p for p in parts if not month_of(p)]
        if len(numbers) == 2 and all(n.isdecimal() and n.isascii() for n in numbers):
            first, last = numbers
            year, number = (first, last) if len(first) == 4 else (last, first)
            return _made(said, int(year) + (2000 if len(year) < 3 else 0), month, int(number))
    if len(parts) == 3 and len(parts[0]) == 4 and all(re.fullmatch("[0-9]+", p) for p in parts):
        return _made(said, *map(int, parts))
    raise _no_day(said)


def month_of(word: str) -> int:
    """1 to 12 for `mar` or `march`, 0 for what is no month."""
    if len(word) < 3:
        return 0
    return next((n for n, name in enumerate(MONTHS, 1) if name.startswith(word.rstrip("."))), 0)


def _made(said: str, year: int, month: int, number: int) -> date:
    try:
        return date(year, month, number)
    except (ValueError, OverflowError):
        raise InputError(f"`{_short(said)}` is not a day of any calendar.") from None


def _no_day(said: object) -> InputError:
    return InputError(
        f"`{_short(said)}` is not a day.", fix="Write for example `2026-03-31` or `31 Mar 2026`."
    )


def first_of(cells: Iterable[Cell]) -> bool | None:
    """Whether days come first: True or False when some cell tells, None when none does."""
    for cell in cells:
        found = SLASHED.match(_without_time(text(cell))) if isinstance(cell, str) else None
        if found and found[2] != ".":
            if int(found[1]) > 12:
                return True
            if int(found[3]) > 12:
                return False
    return None


# Words ------------------------------------------------------------------------------------------

CONFIDENCES = {"high": 8, "medium": 5, "low": 2, "on track": 8, "at risk": 4, "off track": 2}


def confidence(cell: Cell, style: Style) -> int | None:
    """From 0 to 10: `7`, `7/10`, `70 %`, 0.7, `high`."""
    said = text(cell).lower()
    if not said:
        return None
    if said in CONFIDENCES:
        return CONFIDENCES[said]
    if found := re.fullmatch(r"(\d+)\s*(?:/|of|out of)\s*(5|10|100)", said):
        return _tenths(cell, 10 * int(found[1]) / int(found[2]))
    try:
        given = amount(cell, style)
    except InputError:
        given = None
    if given is None or given.unit not in ("", PERCENT):
        fix = nearest(said, CONFIDENCES) or "Write 0 to 10, `70 %`, or high, medium, low."
        raise InputError(f"`{_short(said)}` is not a confidence.", fix=fix)
    share = given.unit == PERCENT or (0 < given.value < 1)
    return _tenths(cell, 10 * given.value if share else given.value)


def _tenths(cell: Cell, value: float) -> int:
    if not 0 <= value <= 10:
        raise InputError(f"A confidence of `{text(cell)}` does not exist.", fix="Write 0 to 10.")
    return round(value)


def weight(cell: Cell, style: Style) -> float | None:
    found = amount(cell, style)
    if found is None:
        return None
    if found.value <= 0 or found.unit not in ("", PERCENT):
        raise InputError(
            f"`{text(cell)}` is not a weight.", fix="Write a number above 0, such as `2` or `40 %`."
        )
    return found.value * (100 if found.unit == PERCENT else 1)


def _short(said: object) -> str:
    shown = " ".join(str(said).split())
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
