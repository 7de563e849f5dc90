"""The days that are simulated: their seasons, their growth and their chance."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from headway.demo.parcel.truth import Floats, Ints
from headway.engine.period import Calendar, micros

WEEKDAY = np.array([1.12, 1.15, 1.12, 1.08, 1.05, 0.82, 0.66])
"""Trade by weekday, Monday first."""

CHRISTMAS, SUMMER = 343, 213
"""Days of the year of the high and the low of a shop's year."""

OPENING = 14
"""Days for which the opening brings more visitors than usual."""


@dataclass(frozen=True)
class World:
    """`end` is the first day that is not simulated. Instants are floats: days since `start`."""

    end: date
    events: int = 1_000_000
    seed: int = 7
    days: int = 730
    timezone: str = "Europe/Berlin"

    @property
    def start(self) -> date:
        return self.end - timedelta(days=self.days)

    @property
    def size(self) -> float:
        """1 for a million events."""
        return self.events / 1_000_000

    def rng(self, stream: str, *part: int) -> np.random.Generator:
        """A stream's own chance, so that one part of the world does not stir another."""
        return np.random.default_rng([self.seed, zlib.crc32(stream.encode()), *part])

    @cached_property
    def season(self) -> Floats:
        """Trade by day, about 1: the week's rhythm times the year's."""
        days = np.arange(self.days)
        dates = [self.start + timedelta(days=int(i)) for i in days]
        weekday = np.array([d.weekday() for d in dates])
        of_year = np.array([d.timetuple().tm_yday for d in dates])
        year = 1 + 0.45 * _bump(of_year, CHRISTMAS, 24) - 0.14 * _bump(of_year, SUMMER, 25)
        return np.asarray(WEEKDAY[weekday] * year)

    @cached_property
    def growth(self) -> Floats:
        """Interest by day: grows fourfold in two years, after a busy opening."""
        days = np.arange(self.days)
        return np.asarray(np.exp(np.log(4) * days / 730) + 6 * (days < OPENING))

    @cached_property
    def midnights(self) -> Ints:
        """UTC microseconds at which each local day begins, and at which the last one ends."""
        calendar = Calendar(self.timezone)
        days = [self.start + timedelta(days=i) for i in range(self.days + 1)]
        return np.array([micros(calendar.instant(d)) for d in days])

    def instants(self, at: Floats) -> Ints:
        """UTC microseconds, in whole milliseconds; days of 23 and 25 hours are stretched."""
        day = np.floor(at).astype(np.int64)
        length = self.midnights[day + 1] - self.midnights[day]
        within = ((at - day) * length).astype(np.int64) // 1000 * 1000
        return np.asarray(self.midnights[day] + within)


def _bump(day: Ints, centre: int, width: float) -> Floats:
    distance = np.abs(day - centre)
    distance = np.minimum(distance, 365 - distance)
    return np.asarray(np.exp(-0.5 * (distance / width) ** 2))
