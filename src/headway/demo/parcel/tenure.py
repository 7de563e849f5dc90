"""Which shops are at work on which days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.demo.parcel.people import Shops
from headway.demo.parcel.truth import Floats, Ints
from headway.demo.parcel.world import World


@dataclass(frozen=True)
class Tenure:
    """Stays of shops, [joined, left) in whole days; a shop that returns has several."""

    world: World
    shop: Ints
    joined: Ints
    left: Ints
    weight: Floats

    @staticmethod
    def of(world: World, shops: Shops, shop: Ints, since: Floats, until: Floats) -> Tenure:
        joined = np.ceil(np.minimum(since, world.days)).astype(np.int64)
        left = np.ceil(np.minimum(until, world.days)).astype(np.int64)
        stay = left > joined
        return Tenure(world, shop[stay], joined[stay], left[stay], shops.activity[shop[stay]])

    @property
    def at_work(self) -> Floats:
        """Activity by day: the weights of the shops that are there."""
        days = self.world.days + 1
        came = np.bincount(self.joined, self.weight, days) - np.bincount(
            self.left, self.weight, days
        )
        return np.asarray(np.maximum(np.cumsum(came)[:-1], 0).round(6))

    def counts(self, rng: np.random.Generator, a_day: float, factor: Floats | float = 1.0) -> Ints:
        """How often something happens on each day, at so many times a day per shop."""
        return np.asarray(rng.poisson(a_day * self.at_work * factor))

    def draw(self, rng: np.random.Generator, counts: Ints) -> tuple[Ints, Ints]:
        """A day and a shop for each of `counts`, the more active the shop the more often."""
        return np.repeat(np.arange(len(counts)), counts), self._draw(rng, counts)

    def _draw(self, rng: np.random.Generator, counts: Ints) -> Ints:
        drawn = [self.draw_on(rng, int(day), int(counts[day])) for day in np.flatnonzero(counts)]
        return np.concatenate([np.empty(0, np.int64), *drawn])

    def draw_on(self, rng: np.random.Generator, day: int, n: int) -> Ints:
        there = (self.joined <= day) & (day < self.left)
        reach = np.cumsum(self.weight[there])
        return np.asarray(self.shop[there][np.searchsorted(reach, rng.random(n) * reach[-1])])
