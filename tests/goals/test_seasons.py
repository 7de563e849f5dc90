"""A key result that is paced by its season is expected where the metric's own past swings."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

from headway.engine.period import Grain
from headway.feed.models import Change
from headway.goals.ahead import prospects, seasons
from headway.goals.models import KeyResult
from headway.goals.pace import Season
from headway.goals.progress import Status, inclusive
from headway.goals.refresh import refresh, subject_of
from headway.metrics.models import Metric
from headway.stats.history import Bound, CannotTell, History
from tests.goals.conftest import FIRST, LAST, make_metric, moment, put

DAY = timedelta(days=1)
SPAN = inclusive(FIRST, LAST)
FINE = (Status.on_track, Status.achieved)


def weekend(day: date) -> float:
    return 0.4 if day.weekday() >= 5 else 1.24


def busy(n: int) -> float:
    """Swings with the week, and grows from 100 on the eve of the cycle to 200 on its last day."""
    day = FIRST + n * DAY
    return weekend(day) * 100.0 * (1 + max(n + 1, 0) / 101)


@pytest.fixture
def shop(acme):
    """Eight weeks of history: no year, but weeks enough."""
    metric = make_metric(acme, "shop", profile={"grain": "day"}, settled_at=moment(0))
    put(metric, FIRST - 56 * DAY, [busy(n) for n in range(-56, 0)])
    return metric


def look(workspace, n: int):
    Metric.objects.filter(workspace=workspace).update(settled_at=moment(n))
    looked = seasons.refresh(workspace)
    refresh(workspace, now=moment(n))
    return looked


def test_weekends_turn_nothing_red_in_the_first_year(acme, save, shop):
    first, last = busy(-1), busy(100)
    rows = {
        "latest": save(metric=shop, shape="reach", target=last, pace="seasonal"),
        "mean": save(
            metric=shop, shape="reach", target=sum(map(busy, range(98, 101))) / 3,
            over="mean", over_n=3, pace="seasonal",
        ),
        "trailing": save(
            metric=shop, shape="reach", target=sum(map(busy, range(97, 101))),
            over="trailing", over_n=4, pace="seasonal",
        ),
        "even": save(metric=shop, shape="reach", target=last),
    }  # fmt: skip
    assert look(acme, 0) == 3
    assert look(acme, 0) == 0
    assert rows["latest"].baseline == first
    found: dict[str, list[str]] = {name: [] for name in rows}
    for n in range(0, 100, 3):
        put(shop, FIRST + (n - 3) * DAY, [busy(m) for m in range(n - 3, n)])
        assert look(acme, n) == 0, "what was before the cycle is as it was"
        for name, row in rows.items():
            found[name].append(KeyResult.objects.get(pk=row.pk).status)
    for name in ("latest", "mean", "trailing"):
        assert set(found[name]) <= {s.value for s in FINE}, (name, found[name])
    assert {"behind", "at_risk"} & set(found["even"]), "evenly, weekends would be"
    said = KeyResult.objects.get(pk=rows["latest"].pk).pace_reason
    assert said == "Expected with its own season of the week."
    flips = Change.objects.filter(what="status", subject=subject_of(rows["latest"]))
    assert {flip.before for flip in flips} <= {"on track", "achieved"}, "its season is no news"
    assert prospects.refresh(acme, now=moment(99)).computed == 4


def test_a_sum_comes_in_as_the_weeks_do(acme, save, shop):
    flat = [weekend(FIRST + n * DAY) * 100 for n in range(101)]
    row = save(metric=shop, shape="reach", target=sum(flat), over="cycle_to_date", pace="seasonal")
    assert look(acme, 0) == 1
    for n in (2, 3, 4, 9, 50):
        put(shop, FIRST, flat[:n])
        look(acme, n)
        found = KeyResult.objects.get(pk=row.pk)
        assert found.expected == pytest.approx(sum(flat[:n]) / sum(flat), rel=0.03), n
        assert found.status in FINE


def monthly(years: int, year: int = 2026) -> History:
    starts = [date(year - years + i // 12, i % 12 + 1, 1) for i in range(12 * years)]
    values = [100 + 30 * math.sin(2 * math.pi * s.month / 12) for s in starts]
    return History(starts, values, Grain.month, Bound.none)


def test_the_line_meets_baseline_and_target_and_does_not_move_while_it_runs():
    half = inclusive(date(2026, 1, 1), date(2026, 6, 30))
    found = seasons.found_in(monthly(3), half, "latest", 1)
    assert isinstance(found, Season)
    assert (len(found.days), found.days[0], found.days[-1]) == (6, date(2026, 1, 31), half.last)
    assert found.cycles == ("year",)
    values = found.values(100.0, 100.0)
    assert values[-1] == pytest.approx(100.0)
    assert values[2] == pytest.approx(130.0, rel=0.05), "March is the best month"
    later = seasons.before(monthly(4, 2027), half.start - DAY)
    assert seasons.found_in(later, half, "latest", 1) == seasons.found_in(
        monthly(3), half, "latest", 1
    )


def test_without_a_season_it_goes_on_as_before():
    assert isinstance(seasons.found_in(monthly(1), SPAN, "latest", 1), CannotTell)
    assert isinstance(
        seasons.found_in(seasons.before(monthly(3), date(2020, 1, 1)), SPAN, "latest", 1),
        CannotTell,
    )
