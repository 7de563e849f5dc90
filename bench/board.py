"""What everybody is asked, and what an answer looks like.

Each question is answered by one array whose first axis is the day. Peers answer with rows (day,
perhaps a lag or a number of an event, values), which `spread` lays out; a day without rows is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bench.events import CODE, EVENTS

STEPS = ("view_item", "add_to_cart", "checkout", "purchase")
MOVES = ("subscribe", "upgrade", "downgrade", "cancel")
FUNNEL_DAYS, LIMIT_DAYS, LAGS = 7, 30, 31
WEEK, MONTH = 7, 30
STATES = ("new", "returning", "resurrected", "dormant")
COUNTRIES, DEVICE = ("US", "DE"), "ios"
"""The ad-hoc funnel is that of people who came from there with that device, event by event."""

Array = npt.NDArray[np.float64]
Answers = dict[str, Array]

ROWS: Mapping[str, tuple[str, ...]] = {
    "dau": ("day", "people"),
    "wau": ("day", "people"),
    "mau": ("day", "people"),
    "lifecycle": ("day", "state", "people"),
    "retention": ("day", "lag", "people"),
    "rolling retention": ("day", "lag", "people"),
    "recurring retention": ("day", "lag", "people"),
    "adoption": ("day", "event", "people"),
    "funnel": ("day", "step 1", "step 2", "step 3", "step 4"),
    "revenue": ("day", "amount"),
    "mrr": ("day", "change"),
    "nps": ("day", "promoters", "detractors", "answers"),
    "time to value": ("day", "p50", "p90"),
    "ad-hoc funnel": ("day", "step 1", "step 2", "step 3", "step 4"),
}
"""Question → the columns of a peer's rows. Lag 0 is the size of the cohort; times are seconds."""

BOARD = tuple(name for name in ROWS if name != "ad-hoc funnel")
SECOND_AXIS = {"state": len(STATES), "lag": LAGS, "event": len(EVENTS)}


def spread(name: str, columns: Sequence[npt.ArrayLike], days: int) -> Array:
    """A peer's rows as an array; what lies outside the days is left out."""
    fields = ROWS[name]
    day = np.asarray(columns[0]).astype(np.int64)
    inside = (day >= 0) & (day < days)
    if fields[1] in SECOND_AXIS:
        found = np.zeros((days, SECOND_AXIS[fields[1]]))
        second = np.asarray(columns[1]).astype(np.int64)
        found[day[inside], second[inside]] = np.asarray(columns[2], float)[inside]
        return found
    empty = np.nan if name == "time to value" else 0.0
    table = np.full((days, len(fields) - 1), empty)
    for i, column in enumerate(columns[1:]):
        table[day[inside], i] = np.asarray(column, float)[inside]
    return _read(name, table)


def _read(name: str, table: Array) -> Array:
    if name == "mrr":
        return np.cumsum(table[:, 0])
    if name == "nps":
        with np.errstate(invalid="ignore"):
            score: Array = 100 * (table[:, 0] - table[:, 1]) / table[:, 2]
        return score
    return table[:, 0] if table.shape[1] == 1 else table


def differing(ours: Answers, theirs: Answers) -> dict[str, str]:
    """Question → how much differs, for those that do. Questions that one lacks are left out."""
    found = {}
    for name in theirs.keys() & ours.keys():
        a, b = ours[name], theirs[name]
        same = a.shape == b.shape and np.isclose(a, b, rtol=1e-9, atol=0, equal_nan=True)
        if not np.all(same):
            cells = np.sum(~same) if a.shape == b.shape else a.size
            found[name] = f"{cells} of {a.size} numbers"
    return {name: found[name] for name in ROWS if name in found}


def code_of(column: str) -> str:
    """SQL, of every dialect here, for the number of an event."""
    cases = " ".join(f"WHEN '{name}' THEN {code}" for name, code in CODE.items())
    return f"CASE {column} {cases} END"
