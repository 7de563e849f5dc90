"""Amounts in several currencies, converted with the rate of the day on which they happened."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from headway.engine.errors import DefinitionError
from headway.engine.period import Calendar, micros

CURRENCY = "currency"
"""The property that names an amount's currency; without it the amount is in the base currency."""

UNIT = "money"
"""The unit of metrics whose amounts are converted."""


@dataclass(frozen=True, order=True)
class Rate:
    """From `day` on, one unit of `currency` is worth `rate` of the base currency."""

    currency: str
    day: date
    rate: float


@dataclass(frozen=True)
class Money:
    """A property whose number is converted. `rates`: currency → (from epoch µs, rate), rising.

    An amount in a currency without a rate for its day has no number: it counts as a fault.
    """

    property: str
    base: str
    rates: tuple[tuple[str, tuple[tuple[int, float], ...]], ...] = ()


@dataclass(frozen=True)
class Exchange:
    """What amounts are converted to, and how."""

    base: str
    rates: tuple[Rate, ...] = ()

    @staticmethod
    def of(base: str, rates: Iterable[Rate]) -> Exchange:
        """Raises DefinitionError for two rates of one day, and for one that is not above 0."""
        ordered = tuple(sorted(rates))
        for rate in ordered:
            _check(base, rate)
        for one, other in pairwise(ordered):
            if (one.currency, one.day) == (other.currency, other.day):
                raise DefinitionError(
                    f"{one.currency} has two rates from {one.day} on.", where="rates"
                )
        return Exchange(base, ordered)

    @staticmethod
    def read(base: str, table: Mapping[str, Mapping[str | date, float]]) -> Exchange:
        """From `{USD: {2026-01-01: 0.92}}`: by currency, the rates with their first days."""
        return Exchange.of(
            base, (_rate(c, d, r) for c, days in table.items() for d, r in days.items())
        )

    def table(self) -> dict[str, dict[str, float]]:
        """As `read` takes it, in one spelling."""
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for rate in self.rates:
            found[rate.currency][rate.day.isoformat()] = rate.rate
        return dict(found)

    def money(self, property: str, calendar: Calendar) -> Money:
        found: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for rate in self.rates:
            found[rate.currency].append((micros(calendar.instant(rate.day)), rate.rate))
        return Money(property, self.base, tuple((c, tuple(r)) for c, r in found.items()))


def _rate(currency: str, day: str | date, rate: float) -> Rate:
    if not re.fullmatch("[A-Z]{3}", currency):
        raise DefinitionError(
            f"`{currency}` is not a currency.",
            where="rates",
            fix="Write its three letters, for example `USD`.",
        )
    try:
        first = day if isinstance(day, date) else date.fromisoformat(day)
    except ValueError as error:
        raise DefinitionError(
            f"`{day}` is not a date: {error}.",
            where=f"rates[{currency}]",
            fix="Write the first day of a rate as 2026-01-31.",
        ) from None
    return Rate(currency, first, float(rate))


def _check(base: str, rate: Rate) -> None:
    where = f"rates[{rate.currency} {rate.day}]"
    if not rate.rate > 0 or rate.rate == float("inf"):
        raise DefinitionError(
            f"{rate.rate} is no exchange rate.",
            where=where,
            fix=f"Give what one {rate.currency} is worth in {base}, such as 0.92.",
        )
    if rate.currency == base:
        raise DefinitionError(
            f"{base} is the currency that the others are converted to.",
            where=where,
            fix="Leave this rate out.",
        )
