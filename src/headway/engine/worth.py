"""What customers are worth: which statistics tell it, for the kinds of metric that sum money.

Who buys is counted by single days and the age of a customer, who holds a balance (a subscription)
by the balances at the ends of months.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from headway.engine.period import Grain, day_number
from headway.engine.selection import Match, Number
from headway.engine.statistics import Customers, Levels, Spent, Tenures

if TYPE_CHECKING:
    from headway.engine.ask import Scope
    from headway.engine.definition import Definition

Horizon = Annotated[
    str,
    Meta(
        pattern=r"^[1-9]\d? months?$",
        description="how far ahead customers are worth something, such as `12 months`",
    ),
]

MONTHS = (1, 2, 3, 6, 12)
"""After so many months it is said what a cohort's customers have paid."""
DAYS = (30, 61, 91, 183, 365)
"""The same as days of a customer's age."""


@dataclass(frozen=True)
class Bought:
    """Of purchases."""

    customers: Customers
    spent: Spent

    def before(self, day: date) -> Customers:
        """As it was known on the day."""
        span = replace(self.customers.span, end=day_number(day))
        return replace(self.customers, span=span)


@dataclass(frozen=True)
class Held:
    """Of balances."""

    tenures: Tenures
    levels: Levels


def bought(of: Definition, scope: Scope, match: Match, value: Number) -> Bought:
    """All days that are over."""
    today = day_number(scope.calendar.day_of(scope.as_of))
    span = scope.span(of, before=None)
    span = replace(span, end=max(span.start, min(span.end, today)))
    return Bought(Customers(span, match, value, of.by), Spent(span, match, value, of.by, DAYS))


def held(of: Definition, scope: Scope, match: Match, value: Number, customer: str) -> Held:
    """All months that are over."""
    today = scope.calendar.day_of(scope.as_of)
    month = day_number(scope.calendar.start_of(today, Grain.month))
    span = scope.span(of, before=None)
    span = replace(span, end=max(span.start, min(span.end, month)))
    found = (span, match, value, of.by, customer)
    return Held(Tenures(*found), Levels(*found))


def months(horizon: str) -> int:
    """`"12 months"` → 12."""
    return int(horizon.split()[0])
