"""Who bought how often, how lately and for how much: all that the models of lifetimes read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headway.engine.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WEEK = 7.0


@dataclass(frozen=True)
class Purchases:
    """One row a subject and day, ordered by both; `days` are ordinals. `names` are the subjects."""

    names: NDArray[np.str_]
    subject: Ints
    days: Ints
    amounts: Floats
    until: int

    @staticmethod
    def of(names: ArrayLike, days: ArrayLike, amounts: ArrayLike, until: date) -> Purchases:
        """What was bought before the day `until`; purchases of one day are one."""
        end, when = until.toordinal(), np.asarray(days, dtype=np.int64)
        before = when < end
        if not before.any():
            fix = "Choose a later day."
            raise InputError(f"Nobody bought anything before {until}.", where="until", fix=fix)
        known, subject = np.unique(np.asarray(names, dtype=str)[before], return_inverse=True)
        money = np.asarray(amounts, dtype=float)[before]
        place = subject.astype(np.int64) * (end + 1) + when[before]
        rows, row = np.unique(place, return_inverse=True)
        sums = np.bincount(row, weights=money, minlength=len(rows)).astype(np.float64)
        return Purchases(known, rows // (end + 1), rows % (end + 1), sums, end)

    def before(self, day: int) -> Purchases:
        """As it was known on the day."""
        rows = self.days < day
        known, subject = np.unique(self.subject[rows], return_inverse=True)
        return Purchases(self.names[known], subject, self.days[rows], self.amounts[rows], day)

    @property
    def firsts(self) -> Ints:
        """The row of each subject's first purchase."""
        return np.flatnonzero(np.diff(self.subject, prepend=-1))

    @property
    def ages(self) -> Ints:
        """Days from each purchase back to its subject's first one."""
        return self.days - self.days[self.firsts][self.subject]


@dataclass(frozen=True)
class Buyers:
    """One row a customer, in weeks since the first purchase.

    `repeats` counts days with a purchase after the first one, `last` is when the latest of them
    was, `age` how long the customer has been watched. `spend` is the mean of the repeat purchases,
    0 where there are none.
    """

    repeats: Floats
    last: Floats
    age: Floats
    spend: Floats

    @staticmethod
    def of(purchases: Purchases) -> Buyers:
        """The last day that was watched is the one before `until`."""
        firsts, n = purchases.firsts, len(purchases.names)
        ages, later = purchases.ages, purchases.ages > 0
        repeats = np.bincount(purchases.subject[later], minlength=n).astype(float)
        last = np.zeros(n)
        np.maximum.at(last, purchases.subject, ages / WEEK)
        sums = np.bincount(purchases.subject[later], purchases.amounts[later], minlength=n)
        spend = np.divide(sums, repeats, out=np.zeros(n), where=repeats > 0)
        return Buyers(repeats, last, (purchases.until - 1 - purchases.days[firsts]) / WEEK, spend)

    def __len__(self) -> int:
        return len(self.repeats)

    def only(self, rows: NDArray[np.bool_] | Ints) -> Buyers:
        return Buyers(self.repeats[rows], self.last[rows], self.age[rows], self.spend[rows])


@dataclass(frozen=True)
class Customers:
    """What was known of all customers on the day `until`: `firsts` are the days of their first
    purchases, `paid` what each had paid. Days are ordinals.
    """

    buyers: Buyers
    firsts: Ints
    paid: Floats
    until: int

    @staticmethod
    def of(purchases: Purchases) -> Customers:
        paid = np.bincount(purchases.subject, purchases.amounts).astype(np.float64)
        firsts = purchases.days[purchases.firsts]
        return Customers(Buyers.of(purchases), firsts, paid, purchases.until)

    @staticmethod
    def counted(
        firsts: Ints, lasts: Ints, repeats: Ints, again: Floats, paid: Floats, n: Ints, until: int
    ) -> Customers:
        """From counts of those who are alike: each spent `again`, the n together `paid`."""
        first, last, x = (np.repeat(column, n) for column in (firsts, lasts, repeats))
        spent, total = (np.repeat(column, n) for column in (again, paid / n))
        mean = np.divide(spent, x, out=np.zeros(len(x)), where=x > 0)
        ages = (last - first) / WEEK, (until - 1 - first) / WEEK
        return Customers(Buyers(x.astype(np.float64), *ages, mean), first, total, until)

    def __len__(self) -> int:
        return len(self.buyers)

    def only(self, rows: NDArray[np.bool_] | Ints) -> Customers:
        return Customers(self.buyers.only(rows), self.firsts[rows], self.paid[rows], self.until)

    def thinned(self, most: int) -> Customers:
        """Every second, third … of them, so that at most so many are left."""
        return self.only(np.arange(0, len(self), -(-len(self) // most) or 1))

    @property
    def purchases(self) -> Floats:
        """How often each has bought, the first time too."""
        return self.buyers.repeats + 1
