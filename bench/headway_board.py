"""The board as Headway measures it: every series of it for every day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from headway.engine.event import COLUMNS, PROPERTY
from headway.engine.kinds import parse
from headway.engine.measure import measure, scope_of
from headway.engine.period import Calendar, Grain
from headway.stores.local import LocalStore, PartFile

DAYS = 730
DEFINITIONS = [
    {"key": "events", "kind": "count", "event": "any"},
    {"key": "active_1", "kind": "unique", "event": "any"},
    {"key": "active_7", "kind": "unique", "event": "any", "window": "7 days"},
    {"key": "active_28", "kind": "unique", "event": "any", "window": "28 days"},
    {"key": "revenue", "kind": "sum", "event": "payment_received", "property": "amount"},
    {
        "key": "started_to_completed",
        "kind": "funnel",
        "steps": [{"event": "signup_started"}, {"event": "signup_completed"}],
        "window": "7 days",
        "entry": "first",
    },
]


class Board:
    def __init__(self, root: Path, parts: list[PartFile], end: date, as_of: datetime) -> None:
        self.root, self.parts, self.end = root, parts, end
        self.start = end - timedelta(days=DAYS)
        self.scope = scope_of(
            self.start, end, Grain.day, calendar=Calendar(), as_of=as_of, first_day=self.start
        )
        self.definitions = {d["key"]: parse(d) for d in DEFINITIONS}

    def answer(self) -> dict[str, np.ndarray]:
        answers = measure(self.definitions, LocalStore(self.root, self.parts), self.scope)
        return {
            a.key: np.array([p.value if p.value is not None else np.nan for p in a.series.points])
            for a in answers
            if a.key != "started_to_completed"
        } | {
            "started_to_completed": np.array(
                [p.numerator or 0 for a in answers for p in a.series.points if a.kind == "funnel"]
            )
        }


def column(name: str) -> str:
    return name if name in COLUMNS else PROPERTY + name
