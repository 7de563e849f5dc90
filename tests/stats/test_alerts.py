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
    assert twice in back
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


def test_few_periods_and_known_incidents_raise_nothing() -> None:
    assert alerts(days([*calm(8), 1000.0])) == ()
    values = calm(60)
    values[58:] = [20.0, 20.0]
    assert kinds(alerts(days(values))) == ["unusual"]
    told = Known(FIRST + timedelta(58), FIRST + timedelta(61))
    assert alerts(replace(days(values), known=[told])) == ()
