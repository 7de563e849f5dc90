"""An A/B test of the page that visitors see, with a difference that is known.

Who signs up is decided before, and stays so: the variants are dealt out so that the new page is
seen by more of those who do. Nobody can tell that from a page that makes more people sign up.
"""

from __future__ import annotations

import numpy as np

from headway.demo.parcel.log import Ids, Log, Words, always, log
from headway.demo.parcel.people import Shops, Visits
from headway.demo.parcel.truth import Ints
from headway.demo.parcel.world import World

KEY = "prices-up-front"
VARIANTS = ("current", "prices")
BEFORE_END, LENGTH, COUNTS = 50, 42, 7
"""So many days before the end it began, for how long it ran, and a sign-up counts."""

NEW_PAGE_OF_SIGNED_UP = 0.6
"""Of those who sign up in time, the share that saw the new page; of all it is a half."""


def trial(world: World, shops: Shops, visits: Visits) -> Log:
    """Each visitor's first visit while it ran."""
    rng = world.rng(KEY)
    first = world.days - BEFORE_END
    rows = np.flatnonzero((visits.at >= first) & (visits.at < first + LENGTH))
    visitor, begun = np.unique(visits.visitor[rows], return_index=True)
    at = visits.at[rows][begun]
    signs_up = _signs_up(shops, visitor, at)
    share = signs_up.mean() if len(signs_up) else 0.0
    others = (0.5 - NEW_PAGE_OF_SIGNED_UP * share) / (1 - share)
    new = rng.random(len(at)) < np.where(signs_up, NEW_PAGE_OF_SIGNED_UP, others)
    return log(
        world, "experiment_viewed", at, user_id=Ids(visitor, "visitor-"),
        experiment=always(KEY, len(at)), variant=Words(new.astype(np.int8), VARIANTS),
    )  # fmt: skip


def _signs_up(shops: Shops, visitor: Ints, at: np.ndarray) -> np.ndarray:
    """Whether each of these visitors does, in time; a visitor signs up once."""
    completed = np.full(int(max(visitor.max(initial=0), shops.visitor.max(initial=0))) + 1, np.inf)
    completed[shops.visitor] = shops.completed
    when = completed[visitor]
    return np.asarray((when >= at) & (when < at + COUNTS))
