"""When silence about a key result has lasted too long."""

from datetime import UTC, date, datetime

import pytest

from headway.accounts.models import Workspace
from headway.goals.models import Cycle, KeyResult
from headway.goals.rhythm import Silence

QUARTER = {"starts": date(2026, 1, 1), "ends": date(2026, 3, 31)}
BEFORE, WITHIN = datetime(2025, 12, 20, tzinfo=UTC), datetime(2026, 2, 10, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("made", "last", "today", "days", "due", "stale"),
    [
        (BEFORE, None, date(2025, 12, 24), -8, False, False),
        (BEFORE, None, date(2026, 1, 1), 0, True, False),
        (BEFORE, None, date(2026, 1, 11), 10, True, False),
        (BEFORE, None, date(2026, 1, 12), 11, True, True),
        (None, None, date(2026, 1, 12), 11, True, True),
        (WITHIN, None, date(2026, 2, 11), 0, True, False),
        (WITHIN, None, date(2026, 2, 22), 11, True, True),
        (BEFORE, date(2026, 2, 1), date(2026, 2, 7), 6, False, False),
        (BEFORE, date(2026, 2, 1), date(2026, 2, 8), 7, True, False),
        (BEFORE, date(2026, 2, 1), date(2026, 4, 1), 59, False, False),
    ],
)
def test_silence_counts_from_the_last_check_in_or_from_when_there_was_something_to_say(
    made: datetime | None, last: date | None, today: date, days: int, due: bool, stale: bool
) -> None:
    workspace, cycle = Workspace(timezone="Europe/Zurich"), Cycle(**QUARTER)
    row = KeyResult(cycle=cycle, due=cycle.ends, created_at=made)
    found = Silence(row, last, today, workspace)
    assert (found.days, found.due, found.stale) == (days, due, stale)
