"""Paths as of a moment when some of them are still open, and through long queues."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.engine.ask import Ask
from headway.engine.definition import Definition
from headway.engine.measure import scope_of
from headway.engine.period import Calendar, Grain
from headway.engine.series import Answer
from headway.stores.local import LocalStore
from tests.engine.reference import Happening, Question, paths
from tests.engine.test_identities import some
from tests.engine.test_reference import kind, selectors, steps_of, wheres, windows
from tests.engine.worlds import answer, questions, table, values

PLAIN = st.builds(lambda e: {"event": e}, st.sampled_from(["A", "B", ["A", "B"]]))
ELAPSED = kind(
    "elapsed",
    **{"from": st.one_of(PLAIN, selectors)},
    to=PLAIN,
    limit=windows,
    stat=st.sampled_from(["mean", "median", "p90"]),
)


def as_of(definition: Definition, asked: Question, grain: Grain, at: datetime) -> Answer:
    scope = scope_of(
        asked.periods[0].start, asked.periods[-1].end, grain, calendar=asked.calendar, as_of=at,
        first_day=min([asked.since, *(asked.day(h.at) for h in asked.happenings)]),
    )  # fmt: skip
    store = LocalStore.of_table(table(asked.happenings))
    return Ask({definition.key: definition}, store, scope).answer(definition.key)


@settings(some, max_examples=15)
@given(definition=ELAPSED, asking=questions("AAB"), hours=st.integers(0, 200))
def test_what_is_still_open_counts_for_as_long_as_it_was_seen(
    definition: Definition, asking: tuple[Question, Grain], hours: int
) -> None:
    asked, grain = asking
    at = min(h.at for h in asked.happenings) + timedelta(hours=hours)
    final = asked.calendar.instant(asked.periods[-1].end) + timedelta(days=3)
    wanted = paths.elapsed(definition, asked, min(at, final))
    assert values(as_of(definition, asked, grain, at)) == [
        None if v is None else pytest.approx(v) for v in wanted
    ]


ATTEMPTS = kind(
    "funnel",
    steps=st.lists(st.one_of(PLAIN, selectors), min_size=2, max_size=4),
    window=windows,
    order=st.sampled_from(["loose", "strict"]),
    exclude=st.lists(st.builds(lambda w: {"event": "D", "where": w}, wheres), max_size=1),
    count=st.just("attempts"),
)


@settings(some, max_examples=15)
@given(definition=ATTEMPTS, asking=questions("AABCD"))
def test_an_attempt_uses_up_the_entries_while_it_runs(
    definition: Definition, asking: tuple[Question, Grain]
) -> None:
    asked, grain = asking
    found = answer(LocalStore.of_table(table(asked.happenings)), definition, asked, grain)
    wanted = paths.attempts(definition, asked)
    assert steps_of(found, asked, len(wanted[0])) == wanted
    assert values(found) == [row[-1] / row[0] if row[0] else None for row in wanted]


def test_many_attempts_that_run_into_one_another() -> None:
    """An attempt takes ten minutes of a user who enters every minute; the eleventh begins one."""
    began = datetime(2026, 1, 5, tzinfo=UTC)
    rows = [
        Happening(f"a{n:05d}", "A", began + timedelta(minutes=n), "u") for n in range(7 * 24 * 60)
    ]
    definition = paths.Funnel(
        key="it", steps=[paths.Selector(event="A"), paths.Selector(event="B")], window="10 min",
        count="attempts",
    )  # fmt: skip
    calendar = Calendar()
    asked = Question(rows, calendar, calendar.periods(began.date(), began.date() + WEEK, Grain.day))
    found = answer(LocalStore.of_table(table(rows)), definition, asked, Grain.day)
    minutes = range(0, 7 * 24 * 60, 11)
    wanted = [sum(m // 1440 == day for m in minutes) for day in range(7)]
    assert [p.n for p in found.series.points] == wanted


def test_a_long_queue_of_which_most_give_up() -> None:
    """One user starts every minute for a week and finishes each hour; an hour is the limit."""
    began = datetime(2026, 1, 5, tzinfo=UTC)
    starts = [began + timedelta(minutes=n) for n in range(7 * 24 * 60)]
    ends = [began + timedelta(hours=n, seconds=30) for n in range(1, 7 * 24)]
    rows = [Happening(f"a{n:05d}", "A", at, "u") for n, at in enumerate(starts)]
    rows += [Happening(f"b{n:05d}", "B", at, "u") for n, at in enumerate(ends)]
    definition = paths.Elapsed(
        key="it", from_=paths.Selector(event="A"), to=paths.Selector(event="B"),
        limit="1 h", stat="mean",
    )  # fmt: skip
    calendar = Calendar()
    asked = Question(rows, calendar, calendar.periods(began.date(), began.date() + WEEK, Grain.day))
    found = answer(LocalStore.of_table(table(rows)), definition, asked, Grain.day)
    # The oldest open start has waited 59 min 30 s when an end comes; its 59 neighbours give up.
    first, *later = found.series.points
    assert [p.n for p in found.series.points] == [1440] * 7
    assert first.value == pytest.approx((24 * 3570 + (1440 - 24) * 3600) / 1440)
    assert [p.value for p in later[:-1]] == [first.value] * 5


WEEK = timedelta(days=7)
