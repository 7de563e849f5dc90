"""Alerts: raised when clear, one for one event, over when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from headway.engine.period import Grain
from headway.stats.alerts import Alert, Range, alerts, replayed
from headway.stats.history import Bound, History, Known

FIRST = date(2025, 1, 6)


def days(values: Sequence[float | None], **more: object) -> History:
    starts = [FIRST + timedelta(i) for i in range(len(values))]
    return History(starts, values, Grain.day, Bound.zero, **more)  # type: ignore[arg-type]


def calm(n: int, seed: int = 4) -> list[float]:
    return (100 + np.random.default_rng(seed).normal(0, 4, n)).tolist()


def kinds(found: Sequence[Alert]) -> list[str]:
    return [alert.kind for alert in found]


def test_an_incident_is_one_alert_and_is_over_after_it() -> None:
    values = calm(80)
    values[50:54] = [20.0, 25.0, 22.0, 60.0]
    (raised,) = replayed(days(values))
    assert raised.kind == "unusual"
    assert raised.since == FIRST + timedelta(50)
    assert raised.value == 20
    assert raised.expected is not None
    assert 70 < raised.expected[0] < 100 < raised.expected[1] < 130
    assert "was to be expected" in raised.reason
    open_ = alerts(days(values[:53]), before=[raised])
    assert open_ == (raised,)
    assert alerts(days(values[:60]), before=[raised]) == ()


def test_a_new_level_is_one_alert_and_then_how_it_is() -> None:
    found = list(replayed(days(calm(50) + [v + 60 for v in calm(40, seed=5)])))
    assert kinds(found).count("unusual") <= 2
    assert found[0].since == FIRST + timedelta(50)


def test_noise_raises_next_to_nothing() -> None:
    raised = sum(len(list(replayed(days(calm(91, seed)), first=61))) for seed in (1, 2))
    assert raised <= 1


def test_a_week_is_not_unusual() -> None:
    week = np.tile([0.0, 0.0, 5.0, 5.0, 0.0, -60.0, -60.0], 10)
    found = list(replayed(days((np.array(calm(70)) + week).tolist()), first=28))
    assert len(found) <= 1


def test_out_of_range_takes_two_or_a_far_one_and_does_not_flap() -> None:
    healthy = Range(at_least=90.0)
    near: list[float | None] = np.random.default_rng(1).normal(95, 2.5, 20).clip(90.1).tolist()
    assert alerts(days([*near, 89.5]), healthy) == ()
    raised = alerts(days([*near, 89.5, 89.4]), healthy)
    (twice,) = (a for a in raised if a.kind == "out of range")
    assert twice.since == FIRST + timedelta(20)
    far = [a for a in alerts(days([*near, 80.0]), healthy) if a.kind == "out of range"]
    assert far[0].since == FIRST + timedelta(20)
    back = alerts(days([*near, 89.5, 89.4, 91.0]), healthy, [twice])
    assert (twice.kind, twice.since, 91.0) in {(a.kind, a.since, a.value) for a in back}
    assert twice not in alerts(days([*near, 89.5, 89.4, 91.0, 92.0]), healthy, [twice])
    flapping: list[float | None] = [91.0, 89.9] * 8
    found = list(replayed(days(near + flapping), healthy))
    assert kinds(found).count("out of range") <= 1


def test_silence_is_told_once_and_is_not_a_low_value() -> None:
    values: list[float | None] = [*calm(40), None, None, None, None]
    (silent,) = replayed(days(values))
    assert silent == Alert(
        "silent",
        FIRST + timedelta(40),
        None,
        "No value since the period that starts on 2025-02-15.",
    )
    assert alerts(days([*values, 100.0]), before=[silent]) == ()
    assert alerts(days([None, None])) == ()
    assert alerts(days([*calm(40), *[None] * 11])) == ()


def test_few_periods_and_known_incidents_raise_nothing() -> None:
    assert alerts(days([*calm(8), 1000.0])) == ()
    values = calm(60)
    values[58:] = [20.0, 20.0]
    assert kinds(alerts(days(values))) == ["unusual"]
    told = Known(FIRST + timedelta(58), FIRST + timedelta(61))
    assert alerts(replace(days(values), known=[told])) == ()


def test_a_run_outside_began_when_it_was_inside_last() -> None:
    near = [95.0, 94.0, 96.0, 95.5, 94.2, 95.1, 96.2]
    outside = [80.0, 81.0, 95.0, 80.5, 79.0, 80.0]
    (raised,) = alerts(days([*near, *outside]), Range(at_least=90.0))
    assert raised.since == FIRST + timedelta(len(near))


def test_a_share_of_few_is_not_surely_out_of_range() -> None:
    values: list[float | None] = [0.93, 0.95, 0.94, 0.92, 0.94, 0.95, 0.86, 0.86]
    few = History(days(values).starts, values, Grain.day, Bound.share, [20.0] * 8)
    assert alerts(few, Range(at_least=0.9)) == ()
    many = replace(few, counts=[2000.0] * 8)
    assert kinds(alerts(many, Range(at_least=0.9))) == ["out of range"]
    long_ = [*values[:6], *[0.86] * 12]
    together = History(days(long_).starts, long_, Grain.day, Bound.share, [20.0] * 18)
    assert "out of range" in kinds(alerts(together, Range(at_least=0.9)))


def shares(failed: Sequence[int], checks: int = 288) -> History:
    values = [1 - f / checks for f in failed]
    return History(
        days(values).starts, values, Grain.day, Bound.share, [float(checks)] * len(values)
    )


def test_a_budget_burns_fast_or_slowly_and_cools() -> None:
    """99.5 % of 288 checks a day: 1.44 may fail each day, 43 in a month."""
    calm_ = [0, 1, 0, 2, 0, 0, 1, 0, 0, 3, 0, 0, 1, 0, 0, 0]
    assert alerts(shares(calm_), target=0.995) == ()
    (fast,) = alerts(shares([*calm_, 10]), target=0.995)
    assert fast.kind == "burning"
    assert fast.since == FIRST + timedelta(16)
    assert fast.reason == (
        "23% of a month's error budget went in the last day, 6.9 times as fast as it lasts."
    )
    (slow,) = alerts(shares([*calm_, 2, 3, 4]), target=0.995)
    assert slow.since == FIRST + timedelta(16)
    assert "in the last 3 days, 2.1 times" in slow.reason
    assert alerts(shares([*calm_, 10, 0]), before=[fast], target=0.995) == (fast,)
    assert alerts(shares([*calm_, 10, 0, 0, 0]), before=[fast], target=0.995) == ()
    assert alerts(shares([*calm_, 2], checks=36), target=0.98) == ()


def test_what_cannot_be_forecast_is_held_against_the_period_before() -> None:
    weekly = [100.0, 102, 99, 101, 103, 100, 102, 101, 99]
    starts = [FIRST + timedelta(weeks=i) for i in range(10)]
    fell = History(starts, [*weekly, 60.0], Grain.week, Bound.zero)
    (raised,) = alerts(fell, direction="up")
    assert (raised.kind, raised.since, raised.value, raised.against) == (
        "worse than before", starts[-1], 60.0, 99.0,
    )  # fmt: skip
    assert alerts(fell, direction="down") == alerts(fell) == ()
    more = [FIRST + timedelta(weeks=i) for i in range(11)]
    still = History(more, [*weekly, 60.0, 62.0], Grain.week, Bound.zero)
    assert alerts(still, before=[raised], direction="up") == (raised,)
    back = replace(still, values=[*weekly, 60.0, 100.0])
    assert alerts(back, before=[raised], direction="up") == ()


def test_worse_than_last_year_beyond_the_noise_of_weeks() -> None:
    rng = np.random.default_rng(3)
    season = 200 + 50 * np.sin(np.arange(110) * 2 * np.pi / 52)
    noise = rng.normal(0, 4, 110)
    starts = [FIRST + timedelta(weeks=i) for i in range(110)]
    same = History(starts, (season + noise).tolist(), Grain.week, Bound.zero)
    assert alerts(same, direction="up") == ()
    lower = season * np.where(np.arange(110) >= 96, 0.88, 1.0) + noise
    found = alerts(replace(same, values=lower.tolist()), direction="up")
    (worse,) = (a for a in found if a.kind == "worse than last year")
    assert abs((worse.since - starts[96]).days) <= 7
    assert worse.value is not None
    assert worse.against is not None
    assert 0.85 < worse.value / worse.against < 0.91
    for_long = season * np.where(np.arange(110) >= 80, 0.88, 1.0) + noise
    told = alerts(replace(same, values=for_long.tolist()), direction="up")
    assert "worse than last year" not in kinds(told)  # it has been so for seven months


def test_a_slow_slip_is_told_only_of_what_leads() -> None:
    rng = np.random.default_rng(8)
    level = np.concatenate([np.full(48, 100.0), 100 - 3.0 * np.arange(1, 9)])
    values = (level + rng.normal(0, 2, 56)).tolist()
    starts = [FIRST + timedelta(weeks=i) for i in range(56)]
    history = History(starts, values, Grain.week, Bound.zero)
    assert "slipping" not in kinds(alerts(history, direction="up"))
    told = kinds(alerts(history, direction="up", leading=True))
    assert told == ["slipping"]
    calm_ = replace(history, values=values[:48], starts=starts[:48])
    assert alerts(calm_, direction="up", leading=True) == ()


def test_what_is_explained_later_is_no_alert_any_more() -> None:
    values: list[float | None] = [*calm(60), 20.0, 25.0]
    (raised,) = alerts(days(values[:61]))
    assert alerts(days(values), before=[raised]) == (raised,)
    told = Known(FIRST + timedelta(60), FIRST + timedelta(62))
    assert alerts(days(values, known=[told]), before=[raised]) == ()


def test_late_events_make_it_what_it_is() -> None:
    values: list[float | None] = [*calm(60), 20.0]
    (raised,) = alerts(days(values))
    (more,) = alerts(days([*values[:60], 50.0, 22.0]), before=[raised])
    assert (more.since, more.value, more.expected) == (raised.since, 50.0, raised.expected)
    assert alerts(days([*values[:60], 101.0, 99.0]), before=[raised]) == ()
    (still,) = alerts(days([*values[:60], 101.0, 20.0]), before=[raised])
    assert still.since == raised.since + timedelta(1)


def test_what_has_had_no_value_for_long_is_unknown_and_not_wrong() -> None:
    values: list[float | None] = [*calm(60), 20.0, 20.0]
    raised = alerts(days(values), Range(at_least=80))
    assert set(kinds(raised)) == {"unusual", "out of range"}
    gone = alerts(days([*values, *[None] * 10]), Range(at_least=80), raised)
    assert set(kinds(gone)) == {"silent", "unusual", "out of range"}
    assert alerts(days([*values, *[None] * 11]), Range(at_least=80), raised) == ()
