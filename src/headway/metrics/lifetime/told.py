"""What customers are worth, as it is stored: what they paid by cohort, and what is to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

Way = Literal["purchases", "balances"]


@dataclass(frozen=True)
class Cell:
    """What each customer of a cohort had paid on average after so many months.

    While not all of them have been customers for so long (`complete` false) it may still grow;
    None where none has been.
    """

    months: int
    value: float | None
    complete: bool


@dataclass(frozen=True)
class Ahead:
    """A mean per customer with its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Cohort:
    """Customers of the month that begins on `start`; `so_far` is what each paid on average.

    `staying` is the share of those who hold a balance still, `ahead` what buyers will still pay.
    """

    start: date
    size: int
    so_far: float
    cells: tuple[Cell, ...]
    staying: float | None = None
    ahead: Ahead | None = None


@dataclass(frozen=True)
class Check:
    """Asked on `day`, so many purchases were expected until now; so many there were."""

    day: date
    expected: float
    happened: int


@dataclass(frozen=True)
class Outlook:
    """Of purchases: what each customer will still pay within the horizon, and the share of those
    who will ever buy again (`alive`). Of balances: what a new customer brings within the horizon,
    and which share is there at the end of each month (`retention`).

    `model` are its parameters, `checks` how it did when it was asked earlier.
    """

    each: Ahead
    model: dict[str, float]
    rests_on: str
    alive: float | None = None
    retention: tuple[float, ...] = ()
    checks: tuple[Check, ...] = ()
    caution: str = ""


@dataclass(frozen=True)
class Told:
    """Everything before the day `until`. `nobody` is what was paid by nobody who is known, or by
    those who never bought. Without an outlook `reason` says why there is none.
    """

    way: Way
    until: date
    horizon: int
    customers: int
    paid: float
    nobody: float
    cohorts: tuple[Cohort, ...]
    outlook: Outlook | None
    reason: str = ""

    @property
    def so_far(self) -> float:
        """What each customer paid on average."""
        return (self.paid - self.nobody) / self.customers if self.customers else 0.0

    @property
    def months(self) -> Iterator[int]:
        return (cell.months for cohort in self.cohorts[:1] for cell in cohort.cells)
