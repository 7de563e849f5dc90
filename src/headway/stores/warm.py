"""Has every kernel compiled before somebody waits for it."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from headway.engine.period import Calendar, Grain, day_number
from headway.engine.selection import Match, Span
from headway.engine.statistics import (
    Activity,
    Cells,
    Counts,
    Gaps,
    Lengths,
    Returns,
    States,
    Statistic,
    Steps,
)
from headway.stores.local import LocalStore, PartFile, write_parts

DAY = date(2026, 1, 5)
AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


def warm() -> None:
    """Asks a store of a few events everything. What is compiled is kept on disk for later starts.

    Takes about half a minute the first time, and a second from then on.
    """
    with tempfile.TemporaryDirectory(prefix="headway-warm-") as folder:
        root, parts = Path(folder), list[PartFile]()
        for start in (0, 4):  # what is in two ledgers is walked in another way than what is in one
            parts += write_parts(root, _events(start), "warm", parts).parts
            store = LocalStore(root, parts, ordered_from=0)
            for statistic in asked():
                store.run(statistic)


def _events(start: int) -> pa.Table:
    rows = range(start, start + 4)
    return pa.table(
        {
            "message_id": [f"m{i}" for i in rows], "event": ["ab"[i % 2] for i in rows],
            "happened_at": [AT + timedelta(hours=i) for i in rows],
            "user_id": [f"u{i // 2}" for i in rows], "account_id": ["x"] * 4,
            "received_at": [AT] * 4, "p:n": [float(i) for i in rows],
        }
    )  # fmt: skip


def asked() -> list[Statistic]:
    """One of each sort of statistic that kernels answer."""
    start = day_number(DAY)
    span, end = Span(Calendar(), start, start + 3), start + 3
    a, b, everything = Match(("a",)), Match(("b",)), Match()
    some = Match(("a",), (("n", "gte", 1),))
    week = 7 * 86_400_000_000
    return [
        Gaps(span, everything, "user"),
        Gaps(span, some, "user"),
        Gaps(span, a, "user", "n"),
        Activity(span, Grain.day, everything, "user", "days"),
        Returns(span, a, a, "user", "day", False, False, False, 2),
        Returns(span, a, b, "user", "day", True, True, True, 2, (1,)),
        Steps(span, Grain.day, (a, b), (), "user", week, True, False, start, start, end),
        Lengths(span, Grain.day, a, b, "user", False, week, 2**60, start, end),
        Cells(span, everything, "n"),
        Cells(span, a, None),
        Counts(span, a, "n"),
        States(span, (a, "n"), (), (), "user"),
    ]
