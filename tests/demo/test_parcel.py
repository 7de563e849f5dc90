"""Parcel is the same each time, has the size asked for, and its truth is what its events say."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from headway.demo.parcel import PRODUCT, TELEMATICS, Parcel, draw
from headway.demo.parcel.delivery import TELEMATICS_SILENT
from headway.demo.parcel.support import BLANK
from headway.demo.parcel.truth import INCIDENTS, LAUNCHES

END = date(2026, 3, 2)
EVENTS = 60_000
WINTER = ((2024, 10), (2024, 12), (2025, 2))


@cache
def parcel() -> Parcel:
    return draw(end=END, events=EVENTS)


@cache
def tables() -> dict[str, pa.Table]:
    found: dict[str, list[pa.Table]] = {}
    for source, table in parcel().tables():
        found.setdefault(source, []).append(table)
    return {source: pa.concat_tables(parts) for source, parts in found.items()}


def named(event: str, **equal: object) -> pa.Table:
    rows = tables()[PRODUCT].filter(pc.field("event") == event)
    for column, value in equal.items():
        rows = rows.filter(pc.field(column) == value)
    return rows


def days_of(rows: pa.Table) -> np.ndarray:
    """Local days, counted from the first one."""
    local = pc.local_timestamp(rows["happened_at"].cast(pa.timestamp("us", "Europe/Berlin")))
    start = np.datetime64(parcel().world.start)
    return (pc.cast(local, pa.date32(), safe=False).to_numpy() - start).astype(int)


def by_day(rows: pa.Table, amount: str | None = None) -> np.ndarray:
    weights = None if amount is None else rows[amount].to_numpy()
    return np.bincount(days_of(rows), weights, parcel().world.days)


def test_same_arguments_give_the_same_bytes() -> None:
    def serialized() -> bytes:
        sink = pa.BufferOutputStream()
        for _, table in draw(end=END, events=50_000).tables():
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
        return sink.getvalue().to_pybytes()

    assert serialized() == serialized()


def test_another_seed_gives_another_world() -> None:
    assert (
        draw(end=END, events=50_000, seed=8).truth.mrr[-1]
        != draw(end=END, events=50_000).truth.mrr[-1]
    )


@pytest.mark.parametrize("events", [50_000, 300_000])
def test_size_is_what_was_asked_for(events: int) -> None:
    rows = sum(len(table) for _, table in draw(end=END, events=events).tables())
    assert rows == pytest.approx(events, rel=0.05)


def test_events_lie_within_two_years_up_to_the_end_in_order() -> None:
    days = days_of(tables()[PRODUCT])
    assert days.min() == 0
    assert days.max() == parcel().world.days - 1
    instants = tables()[PRODUCT]["happened_at"].to_numpy()
    assert (np.diff(instants) >= np.timedelta64(0)).all()


def test_every_message_id_is_given_once() -> None:
    ids = pa.concat_tables(tables().values())["message_id"]
    assert pc.count_distinct(ids).as_py() == len(ids)


def test_truth_counts_what_the_events_say() -> None:
    truth = parcel().truth
    counted = {
        "visits": by_day(named("page_visit")),
        "signups": by_day(named("signup_completed")),
        "trials": by_day(named("trial_started")),
        "revenue": by_day(named("payment_received"), "amount"),
        "addon_revenue": by_day(named("addon_purchased"), "amount"),
        "sessions": by_day(named("login")),
        "parcels": by_day(named("parcel_sent")),
        "deliveries": by_day(named("delivery_completed")),
        "on_time": by_day(named("delivery_completed", on_time=True)),
        "checks": by_day(named("uptime_check")),
        "checks_ok": by_day(named("uptime_check", ok=True)),
    }
    for name, expected in counted.items():
        np.testing.assert_allclose(getattr(truth, name), expected, err_msg=name)


def test_tickets_open_are_those_opened_less_those_resolved() -> None:
    more = by_day(named("ticket_opened")) + by_day(named("ticket_reopened"))
    expected = np.cumsum(more - by_day(named("ticket_resolved")))
    np.testing.assert_array_equal(parcel().truth.tickets_open, expected)


def test_mrr_and_customers_follow_from_the_last_change_of_each_subscription() -> None:
    rows = named("subscription_changed")
    last: dict[str, float] = {}
    mrr, customers = [], []
    changes = iter(
        zip(
            days_of(rows), rows["subscription_id"].to_pylist(), rows["mrr"].to_pylist(), strict=True
        )
    )
    coming = next(changes, None)
    for day in range(parcel().world.days):
        while coming is not None and coming[0] == day:
            last[coming[1]] = coming[2]
            coming = next(changes, None)
        mrr.append(sum(last.values()))
        customers.append(sum(value > 0 for value in last.values()))
    np.testing.assert_allclose(parcel().truth.mrr, mrr, atol=0.01)
    np.testing.assert_array_equal(parcel().truth.customers, customers)


def test_deliveries_are_of_parcels_that_were_sent_before() -> None:
    sent = named("parcel_sent").select(["parcel_id", "happened_at", "account_id"])
    done = named("delivery_completed").select(["parcel_id", "happened_at", "account_id"])
    assert pc.count_distinct(done["parcel_id"]).as_py() == len(done)
    both = done.join(sent, "parcel_id", join_type="left outer", right_suffix="_sent")
    assert pc.all(pc.greater(both["happened_at"], both["happened_at_sent"])).as_py()
    assert both["account_id"].combine_chunks() == both["account_id_sent"].combine_chunks()


def test_weeks_and_years_have_their_seasons() -> None:
    truth = draw(end=END, events=400_000).truth
    weekday = np.array([day.weekday() for day in truth.days])
    assert truth.parcels[weekday == 1].mean() > 1.3 * truth.parcels[weekday == 6].mean()
    month = np.array([(day.year, day.month) for day in truth.days])
    in_month = {m: truth.parcels[(month == m).all(axis=1)].mean() for m in WINTER}
    around = (in_month[2024, 10] + in_month[2025, 2]) / 2
    assert in_month[2024, 12] > 1.2 * around
    assert truth.mrr[-1] > 2 * truth.mrr[365]


def test_incidents_show_where_they_are_written_down() -> None:
    truth = draw(end=END, events=400_000).truth
    share = truth.on_time / np.maximum(truth.deliveries, 1)
    strike = INCIDENTS[0]
    first = len(truth.days) - strike.before_end
    assert truth.days[first] == strike.day(END)
    fell = share[first - 60 : first].mean() - share[first : first + strike.length].mean()
    assert fell == pytest.approx(-strike.effects[0].size, abs=0.04)
    outage = (INCIDENTS[1].day(END) - truth.start).days
    both = slice(outage, outage + INCIDENTS[1].length)
    assert truth.checks_ok[both].sum() < 0.9 * truth.checks[both].sum()


def test_a_launched_feature_is_used_from_its_day_on() -> None:
    for launch in LAUNCHES:
        rows = named("feature_used", feature=launch.feature)
        first = parcel().world.start + timedelta(days=int(days_of(rows).min()))
        assert launch.day(END) <= first <= launch.day(END) + timedelta(days=21)


def test_route_planner_brings_the_on_time_deliveries_it_promises() -> None:
    truth = draw(end=END, events=1_000_000).truth
    launch = LAUNCHES[2]
    first = len(truth.days) - launch.before_end
    after = truth.on_time[first:].sum() / truth.deliveries[first:].sum()
    before = truth.on_time[first - 90 : first].sum() / truth.deliveries[first - 90 : first].sum()
    assert after - before == pytest.approx(launch.effects[0].size, abs=0.008)


def test_vans_fall_silent_before_the_end() -> None:
    last = tables()[TELEMATICS]["happened_at"][-1].as_py().date()
    assert END - last == timedelta(days=TELEMATICS_SILENT + 1)


def test_blank_answers_are_there_and_few() -> None:
    scores = named("nps_answered")["score"].to_numpy()
    assert 0 < (scores == BLANK).mean() < 0.05
    assert scores.min() >= 0
