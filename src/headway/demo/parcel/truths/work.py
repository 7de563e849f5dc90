"""What was done on working days, all of them in columns: a few numbers for each session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.demo.parcel.generate import Parcel, Workday
from headway.demo.parcel.truth import Flags, Floats, Ints


@dataclass(frozen=True)
class Did:
    """Instants with who did it."""

    at: Floats
    user: Ints
    shop: Ints

    @property
    def day(self) -> Ints:
        return np.floor(self.at).astype(np.int64)

    def only(self, rows: Flags) -> Did:
        return Did(self.at[rows], self.user[rows], self.shop[rows])

    def and_(self, other: Did) -> Did:
        return _joined([self, other])


@dataclass(frozen=True)
class Work:
    """`latest` goes with logins, `feature` with uses; `sent` has the first parcels too."""

    logins: Did
    latest: Flags
    uses: Did
    feature: Ints
    sent: Did
    began: Floats
    ended: Floats
    done: Flags
    kind: Ints
    clicks: Ints
    slips: Ints
    minutes: Floats
    rated: Floats
    score: Floats

    @staticmethod
    def of(parcel: Parcel) -> Work:
        days = list(parcel.workdays())
        tasks = [d.worked.tasks for d in days]
        first = parcel.shops.activated < parcel.world.days
        shop = np.flatnonzero(first)
        owner = parcel.shops.owner(shop).numbers
        sent = _joined([Did(d.parcels.at, d.parcels.user, d.parcels.shop) for d in days])
        return Work(
            _joined([Did(d.sessions.at, d.sessions.user, d.sessions.shop) for d in days]),
            np.concatenate([d.worked.latest for d in days]),
            _joined([_used(d) for d in days]),
            np.concatenate([d.worked.used.feature for d in days]),
            sent.and_(Did(parcel.shops.activated[first], owner, shop)),
            *(np.concatenate([getattr(t, name) for t in tasks]) for name in TASK_COLUMNS),
        )


TASK_COLUMNS = (
    "began", "ended", "done", "kind", "clicks", "slips", "minutes", "rated", "score"
)  # fmt: skip


def _used(day: Workday) -> Did:
    used, sessions = day.worked.used, day.sessions
    return Did(used.at, sessions.user[used.rows], sessions.shop[used.rows])


def _joined(parts: list[Did]) -> Did:
    return Did(
        np.concatenate([p.at for p in parts]),
        np.concatenate([p.user for p in parts]),
        np.concatenate([p.shop for p in parts]),
    )
