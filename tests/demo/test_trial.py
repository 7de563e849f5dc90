"""Parcel's A/B test: what the engine finds in its events is what was built in."""

from __future__ import annotations

from datetime import date

import pytest

import headway
from headway.demo.parcel import draw
from headway.demo.parcel.log import to_events
from headway.demo.parcel.trial import BEFORE_END, KEY, LENGTH, NEW_PAGE_OF_SIGNED_UP
from tests.goals.trials import DAY, noon

END = date(2026, 3, 2)
NAMES = ("experiment_viewed", "signup_completed", "$identify")


def test_the_engine_finds_the_difference_that_was_built_in() -> None:
    parcel = draw(end=END, events=1_000_000)
    events = to_events(parcel.world, [log for log in parcel.logs if log.event in NAMES], "trial-")
    found = headway.arms(
        [{"key": "signed_up", "kind": "unique", "event": "signup_completed"}],
        events,
        assignment={
            "assigned": {"event": "experiment_viewed", "where": {"experiment": KEY}},
            "variant": "variant", "control": "current", "metric": "signed_up",
            "split": {"current": 1, "prices": 1}, "within": "7 days",
            "starts": str(END - BEFORE_END * DAY),
            "ends": str(END - (BEFORE_END - LENGTH + 1) * DAY),
        },
        timezone="Europe/Berlin",
        as_of=noon(END),
    )  # fmt: skip
    current, prices = found.tallies.values()
    share = (current.x + prices.x) / (current.n + prices.n)
    truth = 2 * share * (2 * NEW_PAGE_OF_SIGNED_UP - 1)
    read = headway.experiment(found.tallies, measure=found.measure, shares=found.shares)
    assert read.split.fair
    assert read.winners == ("prices",)
    assert read.results[0].low < truth < read.results[0].high
    assert truth == pytest.approx(0.02, abs=0.006)
    assert current.n + prices.n + found.mixed == len(next(
        log for log in parcel.logs if log.event == "experiment_viewed"
    ))  # fmt: skip
