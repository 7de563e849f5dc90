"""What holds of every answer, whatever the events."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.engine.definition import Definition
from headway.engine.kinds import KINDS, parse
from headway.engine.measure import influence
from headway.engine.period import Calendar, Grain
from headway.engine.tally import Tally, mean_interval, ratio_interval, wilson
from headway.stores.local import LocalStore
from tests.engine.reference import Happening, Question
from tests.engine.worlds import (
    answer,
    ask,
    calendars,
    happenings,
    on_disk,
    questions,
    shuffled,
    table,
    values,
)

some = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
AB = [{"event": "A"}, {"event": "B"}, {"event": "C"}]
DOCUMENTS: list[dict[str, Any]] = [
    {"key": "count", "kind": "count", "event": "A"},
    {"key": "sum", "kind": "sum", "event": "A", "property": "amount"},
    {"key": "mean", "kind": "mean", "event": "A", "property": "amount"},
    {"key": "least", "kind": "min", "event": "A", "property": "amount"},
    {"key": "greatest", "kind": "max", "event": "A", "property": "amount"},
    {"key": "median", "kind": "quantile", "event": "A", "property": "amount", "per": "subject"},
    {"key": "unique", "kind": "unique", "event": "any"},
    {"key": "week", "kind": "unique", "event": "A", "window": "7 days"},
    {"key": "often", "kind": "unique", "event": "A", "window": "3 days", "at_least": 2},
    {"key": "share", "kind": "share", "event": "A", "of": {"event": "any"}},
    {"key": "ratio", "kind": "ratio", "numerator": "sum", "denominator": "count"},
    {"key": "growth", "kind": "formula", "formula": "count - lag(count, 2)"},
    {"key": "first", "kind": "funnel", "steps": AB, "window": "2 days"},
    {"key": "best", "kind": "funnel", "steps": AB, "window": "2 days", "entry": "any"},
    {"key": "tries", "kind": "funnel", "steps": AB, "window": "2 days", "count": "attempts"},
    {"key": "back", "kind": "retention", "start": AB[0], "returns": AB[1], "horizon": 3},
    {"key": "each", "kind": "retention", "start": AB[0], "returns": AB[0], "cohort": "each",
     "bucket": "week", "horizon": 1},
    {"key": "time", "kind": "elapsed", "from": AB[0], "to": AB[1], "limit": "2 days",
     "stat": "mean"},
    {"key": "clicks", "kind": "steps", "from": AB[0], "to": AB[1]},
    {"key": "own", "kind": "query",
     "sql": "SELECT day AS period, SUM(amount) AS numerator, COUNT(*) AS denominator FROM events "
            "GROUP BY day"},
    {"key": "visits", "kind": "session", "gap": "1 day"},
    {"key": "stay", "kind": "session", "event": ["A", "B"], "gap": "5 h", "stat": "mean"},
    {"key": "days", "kind": "frequency", "event": "A"},
    {"key": "uses", "kind": "frequency", "event": ["A", "B"], "count": "events", "of": "all"},
    {"key": "stages", "kind": "lifecycle", "event": ["A", "B"]},
    {"key": "stock", "kind": "stock", "event": "A", "value": "amount"},
    {"key": "moves", "kind": "movement", "event": "A", "value": "amount", "customer": "plan",
     "by": "user"},
    {"key": "held", "kind": "movement", "event": "A", "value": "amount", "customer": "user",
     "by": "user"},
    {"key": "checks", "kind": "uptime", "event": "A", "ok": "ok", "duration": "amount"},
    {"key": "outages", "kind": "uptime", "event": "A", "incidents": "amount"},
    {"key": "speed", "kind": "rate", "event": "A"},
    {"key": "peak", "kind": "rate", "event": "A", "stat": "peak", "weight": "amount"},
    {"key": "nps", "kind": "nps", "event": "A", "property": "amount"},
    {"key": "csat", "kind": "csat", "event": "A", "property": "amount", "top": [1, 40]},
]  # fmt: skip
DEFINITIONS = {d["key"]: parse(d) for d in DOCUMENTS}


def both(asking: tuple[Question, Grain], key: str, segment: str | None = None) -> Any:
    asked, grain = asking
    store = LocalStore.of_table(table(asked.happenings))
    return ask(store, DEFINITIONS, asked, grain, segment=segment).answer(key)


@some
@given(asking=questions())
def test_funnel_counts_never_grow_by_step(asking: tuple[Question, Grain]) -> None:
    for key in ("first", "best", "tries"):
        rows = both(asking, key).tables["steps"]
        for above, below in pairwise(rows):
            assert below["count"] <= above["count"] or below["start"] != above["start"]


@some
@given(asking=questions())
def test_bucket_0_is_the_cohort_where_start_and_return_are_the_same(
    asking: tuple[Question, Grain],
) -> None:
    assert all(c["returned"][0] == c["size"] for c in both(asking, "each").tables["cohorts"])


@some
@given(asking=questions(), short=st.integers(1, 6), more=st.integers(1, 6))
def test_a_longer_window_never_has_fewer_subjects(
    asking: tuple[Question, Grain], short: int, more: int
) -> None:
    asked, grain = asking
    store = LocalStore.of_table(table(asked.happenings))
    found = [
        values(answer(store, unique(f"{days} days"), asked, grain))
        for days in (short, short + more)
    ]
    assert all(a <= b for a, b in zip(*found, strict=True))


@some
@given(rows=happenings(), calendar=calendars)
def test_the_extremes_of_a_week_are_those_of_its_days(
    rows: list[Happening], calendar: Calendar
) -> None:
    store, first = LocalStore.of_table(table(rows)), calendar.day_of(rows[0].at)
    (week,) = calendar.periods(first, first + DAY, WEEK)
    days = calendar.periods(week.start, week.end, Grain.day)
    for key, pick in (("least", min), ("greatest", max)):
        by_day = values(answer(store, DEFINITIONS[key], Question(rows, calendar, days), Grain.day))
        by_week = answer(store, DEFINITIONS[key], Question(rows, calendar, (week,)), WEEK)
        assert values(by_week) == [pick((v for v in by_day if v is not None), default=None)]


def unique(window: str) -> Definition:
    return parse({"key": "u", "kind": "unique", "event": "A", "window": window})


@some
@given(asking=questions(), segment=st.sampled_from([None, "plan"]))
def test_active_subjects_change_by_the_new_the_resurrected_and_the_dormant(
    asking: tuple[Question, Grain], segment: str | None
) -> None:
    found = both(asking, "stages", segment)
    for name in found.series.segments:
        active = values(found, name)
        parts = {part: [p.value for p in one.of(name)] for part, one in found.parts.items()}
        for i, (before, now) in enumerate(pairwise(active), 1):
            moved = parts["new"][i] + parts["resurrected"][i] - parts["dormant"][i]
            assert now - before == moved


def movements(asking: tuple[Question, Grain], key: str, segment: str | None) -> dict[str, Any]:
    found = both(asking, key, segment)
    return {
        name: {part: [p.value for p in one.of(name)] for part, one in found.parts.items()}
        for name in found.series.segments
    }


@some
@given(asking=questions(), key=st.sampled_from(["moves", "held"]))
def test_movements_are_the_change_of_the_stock(asking: tuple[Question, Grain], key: str) -> None:
    parts, net = movements(asking, key, None)[""], values(both(asking, key))
    for i, change in enumerate(net):
        more = sum(parts[name][i] for name in ("new", "expansion", "reactivated"))
        less = sum(parts[name][i] for name in ("contraction", "churned"))
        assert change == pytest.approx(more - less)
        assert change == pytest.approx(parts["closing"][i] - parts["opening"][i])
    assert parts["opening"][1:] == parts["closing"][:-1]
    if key == "held":
        assert parts["closing"] == [pytest.approx(v) for v in values(both(asking, "stock"))]


@some
@given(asking=questions(), key=st.sampled_from(["moves", "held"]))
def test_movements_of_segments_add_up_to_the_whole(
    asking: tuple[Question, Grain], key: str
) -> None:
    whole, split = movements(asking, key, None)[""], movements(asking, key, "ok").values()
    for part, expected in whole.items() if split else ():
        found = [sum(column) for column in zip(*(one[part] for one in split), strict=True)]
        assert found == [pytest.approx(v) for v in expected]


@some
@given(asking=questions(), key=st.sampled_from(["count", "sum", "stock"]))
def test_segments_add_up_to_the_whole(asking: tuple[Question, Grain], key: str) -> None:
    whole = values(both(asking, key))
    parts = both(asking, key, "plan").series
    rows = [values(both(asking, key, "plan"), s) for s in parts.segments]
    assert whole == [pytest.approx(sum(column)) for column in zip(*rows, strict=True)] or not rows


@some
@given(rows=happenings(), calendar=calendars, key=st.sampled_from(["count", "sum"]))
def test_a_week_of_an_additive_kind_is_the_sum_of_its_days(
    rows: list[Happening], calendar: Calendar, key: str
) -> None:
    assert type(DEFINITIONS[key]).additive
    store = LocalStore.of_table(table(rows))
    (week,) = calendar.periods(calendar.day_of(rows[0].at), calendar.day_of(rows[0].at) + DAY, WEEK)
    days = calendar.periods(week.start, week.end, Grain.day)
    by_day = answer(store, DEFINITIONS[key], Question(rows, calendar, days), Grain.day)
    by_week = answer(store, DEFINITIONS[key], Question(rows, calendar, (week,)), WEEK)
    assert values(by_week) == [pytest.approx(sum(v or 0 for v in values(by_day)))]


WEEK, DAY = Grain.week, timedelta(days=1)


@pytest.mark.parametrize("key", sorted(DEFINITIONS.keys() - {"count", "sum"}))
def test_other_kinds_do_not_add_up_and_say_so(key: str) -> None:
    assert not type(DEFINITIONS[key]).additive


def test_distinct_users_of_a_week_are_fewer_than_the_sum_of_its_days() -> None:
    rows = [Happening(str(n), "A", datetime(2026, 1, n, tzinfo=UTC), "u1") for n in (5, 6, 7)]
    calendar, store = Calendar(), LocalStore.of_table(table(rows))
    week = calendar.periods(rows[0].at.date(), rows[0].at.date() + DAY, WEEK)
    assert values(answer(store, DEFINITIONS["unique"], Question(rows, calendar, week), WEEK)) == [1]


def link(name: str, day: date, user: str, previous: str) -> Happening:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Happening(f"{name}{day}", name, at, user, None, {"previous_id": previous})


IDENTITY = [
    link("$identify", date(2026, 3, 29), "u1", "u4"),
    link("$identify", date(2026, 4, 1), "u2", "u4"),
    link("$alias", date(2026, 4, 2), "u3", "u2"),
]


@settings(some, max_examples=4)
@given(asking=questions(), seed=st.integers(0, 10_000), joined=st.booleans())
def test_order_of_arrival_parts_and_duplicates_change_nothing(
    asking: tuple[Question, Grain], seed: int, joined: bool
) -> None:
    asked, grain = asking
    rows = [*asked.happenings, *(IDENTITY if joined else [])]
    asked = Question(rows, asked.calendar, asked.periods)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        at_once = ask(on_disk(Path(one), [rows]), DEFINITIONS, asked, grain)
        bit_by_bit = ask(on_disk(Path(other), shuffled(rows, seed)), DEFINITIONS, asked, grain)
        for key in DEFINITIONS:
            assert at_once.answer(key).to_dict() == approximately(bit_by_bit.answer(key).to_dict())


def approximately(value: Any) -> Any:
    """Sums of doubles may differ in their last digit when they are added in another order."""
    if isinstance(value, dict):
        return {k: approximately(v) for k, v in value.items()}
    if isinstance(value, list):
        return [approximately(v) for v in value]
    return pytest.approx(value, abs=1e-6) if isinstance(value, float) else value


@settings(some, max_examples=6)
@given(rows=happenings(), calendar=calendars, extra=happenings(most=4))
def test_a_changed_day_touches_no_day_outside_its_influence(
    rows: list[Happening], calendar: Calendar, extra: list[Happening]
) -> None:
    changed = calendar.day_of(extra[0].at)
    late = [
        Happening(f"late{h.id}", h.event, h.at, h.user, h.account, h.properties)
        for h in extra
        if calendar.day_of(h.at) == changed
    ]
    days = calendar.periods(changed - 9 * DAY, changed + 10 * DAY, Grain.day)
    asked = Question([*rows, *late], calendar, days)
    before, after = (
        ask(LocalStore.of_table(table(r)), DEFINITIONS, asked, Grain.day)
        for r in (rows, asked.happenings)
    )
    for key in DEFINITIONS:
        reach = influence(key, DEFINITIONS)
        for old, new in zip(*(a.answer(key).series.points for a in (before, after)), strict=True):
            away = (old.start - changed).days
            if away < -reach[0] or (reach[1] is not None and away > reach[1]):
                assert old.value == pytest.approx(new.value), (key, away)


def test_every_kind_takes_part() -> None:
    assert {d.kind for d in DEFINITIONS.values()} == set(KINDS) - {"manual"}


def test_wilson_of_960_in_1200() -> None:
    assert wilson(960, 1200) == (pytest.approx(0.776, abs=5e-4), pytest.approx(0.822, abs=5e-4))


def test_wilson_stays_within_0_and_1() -> None:
    assert 0 <= wilson(0, 3)[0] < 1e-12
    assert 1 - 1e-12 < wilson(3, 3)[1] <= 1


def test_intervals_need_two_observations() -> None:
    assert mean_interval(Tally(1, 5.0, xx=25.0)) == (None, None)
    assert ratio_interval(Tally(1, 5.0, 2.0, 25.0, 4.0, 10.0)) == (None, None)


def test_tallies_add_up() -> None:
    one, other = Tally(1, 2.0, 3.0, 4.0, 5.0, 6.0), Tally(10, 20.0, 30.0, 40.0, 50.0, 60.0)
    assert one + other == Tally(11, 22.0, 33.0, 44.0, 55.0, 66.0)
