"""The board as Headway measures it, from definitions, with what a new day and late events cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from bench.board import (
    BOARD,
    COUNTRIES,
    DEVICE,
    LAGS,
    LIMIT_DAYS,
    MONTH,
    MOVES,
    STATES,
    STEPS,
    WEEK,
    Answers,
    Array,
)
from bench.clock import Clock
from bench.data import Data
from bench.events import EVENTS, FIRST
from headway.engine.definition import Definition
from headway.engine.kinds import parse
from headway.engine.measure import Scope, measure, scope_of, touched
from headway.engine.period import Calendar, Grain
from headway.engine.series import Answer
from headway.stores.local import LocalStore

AS_OF = datetime(2026, 4, 1, tzinfo=UTC)
"""Late enough for every window of the year to have closed."""

ANY = {"event": "any"}
RETENTION = {"kind": "retention", "start": ANY, "returns": ANY, "horizon": LAGS - 1}
FUNNEL = {
    "kind": "funnel",
    "steps": [{"event": name} for name in STEPS],
    "window": "7 days",
    "entry": "any",
}
LENGTH = {
    "kind": "elapsed",
    "from": {"event": "signup"},
    "to": {"event": "activate"},
    "limit": f"{LIMIT_DAYS} days",
}
DOCUMENTS: Mapping[str, dict[str, Any]] = {
    "dau": {"kind": "unique", **ANY},
    "wau": {"kind": "unique", **ANY, "window": f"{WEEK} days"},
    "mau": {"kind": "unique", **ANY, "window": f"{MONTH} days"},
    "lifecycle": {"kind": "lifecycle", **ANY},
    "retention": RETENTION,
    "rolling_retention": {**RETENTION, "mode": "on_or_after"},
    "recurring_retention": {**RETENTION, "cohort": "each"},
    **{
        f"adoption_{name}": {"kind": "unique", "event": name, "window": f"{MONTH} days"}
        for name in EVENTS
    },
    "funnel": FUNNEL,
    "revenue": {"kind": "sum", "event": "purchase", "property": "amount"},
    "mrr": {"kind": "stock", "event": list(MOVES), "value": "mrr"},
    "nps": {"kind": "nps", "event": "nps", "property": "score"},
    "p50": {**LENGTH, "stat": "median"},
    "p90": {**LENGTH, "stat": "p90"},
}
AD_HOC = {**FUNNEL, "where": {"country": {"in": list(COUNTRIES)}, "device": DEVICE}}


def run(data: Data, clock: Clock) -> Answers:
    """The first question opens the store and makes whatever it keeps; the second finds it there."""
    with clock.lap("cold"):
        found = answers(data)
    with clock.lap("warm"):
        again = answers(data)
    with clock.lap("ad hoc"):
        found["ad-hoc funnel"] = ad_hoc(data)
    return found | {f"again: {name}": values for name, values in again.items()}


def grow(data: Data, clock: Clock, board: Answers) -> tuple[Data, Answers]:
    """A day is added, then late events of a week ago; only what they touch is asked anew."""
    found = {name: board[name] for name in BOARD}
    later = (("new day", "next", data.end, 1), ("late events", "late", data.late_day, 0))
    for phase, name, day, more in later:
        table = data.later(name)
        with clock.lap(phase, "written"):
            data = data.grown(table, more)
        with clock.lap(phase, "answered"):
            found = refreshed(data, found, day)
    return data, found


def definitions() -> dict[str, Definition]:
    return {key: parse({"key": key, **document}) for key, document in DOCUMENTS.items()}


def opened(data: Data) -> LocalStore:
    """However few the events are, they are asked as many are."""
    return LocalStore(data.root, data.parts, ordered_from=1)


def answers(data: Data) -> Answers:
    return _arrays(_asked(data, opened(data), definitions(), FIRST))


def ad_hoc(data: Data) -> Array:
    asked = {"ad_hoc": parse({"key": "ad_hoc", **AD_HOC})}
    (answer,) = _asked(data, opened(data), asked, FIRST).values()
    return _steps(answer)


def refreshed(data: Data, board: Answers, changed: date) -> Answers:
    """The board with the days asked anew whose values the changed day touches."""
    store, known = opened(data), definitions()
    starts: dict[date, dict[str, Definition]] = defaultdict(dict)
    for key, definition in known.items():
        first, _ = touched((changed, changed), key, known, data.end - timedelta(days=1))
        starts[max(first, FIRST)][key] = definition
    parts = {}
    for start, asked in starts.items():
        for key, answer in _asked(data, store, asked, start).items():
            parts[key] = ((start - FIRST).days, answer)
    return _overlaid(board, parts, data.days)


def scope(data: Data, start: date) -> Scope:
    """Every day from there to the last."""
    return scope_of(start, data.end, Grain.day, calendar=Calendar(), as_of=AS_OF, first_day=FIRST)


def _asked(
    data: Data, store: LocalStore, asked: Mapping[str, Definition], start: date
) -> dict[str, Answer]:
    return {answer.key: answer for answer in measure(asked, store, scope(data, start))}


def _overlaid(board: Answers, parts: Mapping[str, tuple[int, Answer]], days: int) -> Answers:
    """Metrics of one question touch the same days, so that its array is replaced from a day on."""
    starts = {start for start, _ in parts.values()}
    found = {}
    for start in starts:
        some = {key: answer for key, (first, answer) in parts.items() if first == start}
        for name, rows in _arrays(some).items():
            found[name] = np.concatenate([board[name][:start], rows])
            assert len(found[name]) == days
    return found


def _arrays(found: Mapping[str, Answer]) -> Answers:
    read = {key: _READ.get(key, _values)(answer) for key, answer in found.items()}
    adoption = [read.pop(f"adoption_{name}") for name in EVENTS if f"adoption_{name}" in read]
    times = [read.pop(key) for key in ("p50", "p90") if key in read]
    arrays = {key.replace("_", " "): values for key, values in read.items()}
    if adoption:
        arrays["adoption"] = np.stack(adoption, axis=1)
    if times:
        arrays["time to value"] = np.stack(times, axis=1)
    return arrays


def _values(answer: Answer) -> Array:
    values = (np.nan if p.value is None else p.value for p in answer.series.points)
    return np.array(list(values), float)


def _states(answer: Answer) -> Array:
    parts = [[p.value for p in answer.parts[state].points] for state in STATES]
    return np.array(parts, float).T


def _cohorts(answer: Answer) -> Array:
    """The size of the cohort, then who was there after 1, 2 … days."""
    rows = [[row["size"], *row["returned"][1:]] for row in answer.tables["cohorts"]]
    return np.array(rows, float)


def _steps(answer: Answer) -> Array:
    """Days on which nobody entered have no rows; a day's steps come one after the other."""
    points = answer.series.points
    days = {p.start.isoformat(): i for i, p in enumerate(points)}
    found = np.zeros((len(points), len(STEPS)))
    seen: dict[str, int] = defaultdict(int)
    for row in answer.tables["steps"]:
        found[days[row["start"]], seen[row["start"]]] = row["count"]
        seen[row["start"]] += 1
    return found


_READ = {
    "lifecycle": _states,
    "retention": _cohorts,
    "rolling_retention": _cohorts,
    "recurring_retention": _cohorts,
    "funnel": _steps,
}
