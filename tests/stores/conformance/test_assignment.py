"""The subjects of experiments through every store: by hand, and against the plain loops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given

from headway.engine.period import Calendar
from headway.stores.local import LocalStore
from headway.stores.reading import read_events
from tests.engine.test_assignment import (
    DAY,
    DEFINITIONS,
    EVENTS,
    PAY,
    agrees,
    close,
    experiments,
    found_of,
)
from tests.engine.worlds import table
from tests.stores.conformance.conftest import Opener
from tests.stores.conformance.test_random import few


def test_by_hand(tmp_path: Any, opened: Opener) -> None:
    """As the local store answers, which tests/engine checks."""
    path, now = tmp_path / "events.csv", datetime(2026, 3, 20, tzinfo=UTC)
    path.write_text(EVENTS)
    rows = next(read_events(path, now=now)).table
    local = LocalStore.of_table(rows)
    with opened(rows) as store:
        for key in DEFINITIONS:
            for changes in ({}, {"within": DAY}, {"before": 3 * DAY}, {"variant": None}):
                one = replace(PAY, **changes)
                mine, theirs = (
                    found_of(s, DEFINITIONS, one, Calendar(), now, key) for s in (store, local)
                )
                assert mine.mixed == theirs.mixed
                assert mine.days == {
                    day: {v: close(t) for v, t in sums.items()} for day, sums in theirs.days.items()
                }, (key, changes)


@few
@given(case=experiments())
def test_the_reference(case: Any, opened: Opener) -> None:
    definition, of, asked, now = case
    with opened(table(asked.happenings)) as store:
        agrees(store, definition, of, asked, now)
