"""Did it work? Right where an effect was put in, silent with a reason where nobody can tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from headway.accounts.models import Workspace
from headway.engine.definition import Where
from headway.engine.kinds import parse
from headway.engine.period import Grain
from headway.feed.models import Change
from headway.goals.audience import audience
from headway.goals.launch.controls import untouched
from headway.goals.launch.effects import reckon
from headway.goals.launch.launches import launches, living
from headway.goals.launch.past import groups, judged_at
from headway.goals.launch.told import Told
from headway.goals.models import Effect, Output
from headway.goals.outputs import save_output
from headway.metrics.models import Definition, Metric, Point

FIRST, DAY = date(2025, 1, 6), date(2026, 1, 7)
BEFORE, AFTER = 53, 8
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def shop(acme: Workspace) -> Workspace:
    acme.grain = Grain.week
    acme.save()
    return acme


def metric(workspace: Workspace, key: str, **body: object) -> Metric:
    row = Metric.objects.create(
        workspace=workspace, key=key, name=key.title(), unit=str(body.pop("unit", ""))
    )
    body = {"kind": "count", "event": key, **body}
    Definition.objects.create(metric=row, version=1, body=body, at=NOW)
    return row


def put(
    row: Metric, values: Sequence[float], of: float | None = None, by: str = "", segment: str = ""
) -> None:
    """Weeks from FIRST on; `of` so many each, where they are shares."""
    Point.objects.bulk_create(
        Point(
            metric=row, grain="week", start=FIRST + i * WEEK, end=FIRST + (i + 1) * WEEK,
            value=value, numerator=value * (of or 1), denominator=of, n=int(of or value),
            complete=True, segment_by=by, segment=segment,
        )
        for i, value in enumerate(values)
    )  # fmt: skip


def share(seed: int, lift: float, weeks: int = BEFORE + AFTER) -> np.ndarray:
    values = 0.5 + np.random.default_rng(seed).normal(0, 0.015, weeks)
    values[BEFORE:] += lift
    return values


def told(output: Output) -> Told:
    return launches(living(output.workspace).filter(pk=output.pk))[0].moves[0].told


def launch(workspace: Workspace, *moves: Metric, **fields: object) -> Output:
    fields = {"name": "Guided setup", "launched": DAY, "moves": moves, **fields}
    return save_output(workspace, by=None, now=NOW, **fields)  # type: ignore[arg-type]


def test_a_share_is_judged_once_and_again_only_when_something_is_new(shop: Workspace) -> None:
    done = metric(shop, "done", kind="share", event="setup", where={"ok": True})
    put(done, share(1, 0.06), of=400)
    output = launch(shop, done)
    assert (reckon(shop, now=NOW).computed, reckon(shop, now=NOW).computed) == (1, 0)
    found = told(output)
    assert found.verdict == "up"
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < 0.06 < found.high
    assert (found.way, len(found.blocks)) == ("past", AFTER)
    assert found.first == date(2026, 1, 12), "the week of the launch is in neither side"
    change = Change.objects.get(what="effect")
    assert (change.subject, change.after) == ("output:guided-setup", "Done, moved")
    assert reckon(shop, now=NOW + timedelta(days=1)).computed == 0, "the same series"
    put_more = Point.objects.get(metric=done, start=FIRST + (BEFORE + 3) * WEEK)
    put_more.value = 0.9
    put_more.save()
    assert reckon(shop, now=NOW + timedelta(days=2)).computed == 1
    save_output(shop, key=output.key, moves=[], by=None, now=NOW)
    reckon(shop, now=NOW)
    assert not Effect.objects.exists()


def test_it_says_when_it_can_tell(shop: Workspace) -> None:
    done = metric(shop, "done", kind="share", event="setup", where={"ok": True})
    put(done, share(1, 0.06)[: BEFORE + 2], of=400)
    output = launch(shop, done)
    reckon(shop, now=datetime(2026, 1, 27, tzinfo=UTC))
    found = told(output)
    assert found.reason == "Only 2 weeks since the launch; it takes 3."
    assert found.again == date(2026, 2, 2), "the Monday after the third whole week"
    assert not Change.objects.filter(what="effect").exists()
    young = metric(shop, "young", kind="share", event="young", where={"ok": True})
    put(young, [0.0] * (BEFORE - 3) + [0.5] * (AFTER + 3), of=400)
    other = launch(shop, young, name="Another")
    reckon(shop, now=NOW)
    assert "before the launch; it takes 8" in told(other).reason
    assert "import that" in told(other).mend


def test_an_amount_needs_something_that_goes_with_it(shop: Workspace) -> None:
    rng = np.random.default_rng(4)
    season = np.exp(np.cumsum(rng.normal(0, 0.08, BEFORE + AFTER))) * 1000
    visits, orders = metric(shop, "visits"), metric(shop, "orders")
    values = season * 0.2 * np.exp(rng.normal(0, 0.02, len(season)))
    values[BEFORE:] *= 1.3
    put(orders, values)
    output = launch(shop, orders)
    reckon(shop, now=NOW)
    found = told(output)
    assert (found.verdict, found.again) == ("cannot tell", None)
    assert "Name a control on the output" in found.mend
    put(visits, season)
    reckon(shop, now=NOW + timedelta(days=1))
    found = told(output)
    assert (found.verdict, found.way, found.beside) == ("up", "controls", ["visits"])
    assert found.relative_low is not None
    assert found.relative_high is not None
    assert found.relative_low < 0.3 < found.relative_high
    dogs = metric(shop, "dogs")
    put(dogs, rng.normal(50, 5, BEFORE + AFTER))
    save_output(shop, key=output.key, controls=[dogs], by=None, now=NOW)
    reckon(shop, now=NOW + timedelta(days=1))
    assert told(output).beside == ["dogs"], "what people chose is used, and nothing else"


def test_those_who_got_it_are_held_against_those_who_did_not(shop: Workspace) -> None:
    done = metric(
        shop, "done", kind="share", event="setup", where={"ok": True}, segments=["country"]
    )
    shock = np.zeros(BEFORE + AFTER)
    shock[BEFORE:] = -0.1
    for i, (country, lift) in enumerate({"DE": 0.05, "AT": 0.05, "FR": 0.0, "(none)": 0.0}.items()):
        put(done, share(40 + i, lift) + shock, of=400, by="country", segment=country)
    put(done, share(20, 0.0) + shock, of=1600)
    output = launch(shop, done, audience={"where": {"country": {"in": ["DE", "AT"]}}})
    reckon(shop, now=NOW)
    found = told(output)
    assert (found.verdict, found.way) == ("up", "unexposed")
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < 0.05 < found.high, "what happened to all is not in it"
    assert found.reached == "`country` is DE or AT"
    save_output(shop, key=output.key, audience={"where": {"plan": "pro"}}, by=None, now=NOW)
    reckon(shop, now=NOW)
    found = told(output)
    assert (found.verdict, found.unsplit) == ("down", "`plan` is pro")


def test_groups_of_several_segments_are_put_together(shop: Workspace) -> None:
    row = metric(shop, "orders", segments=["plan"])
    for plan, value in {"pro": 10.0, "team": 30.0, "(none)": 5.0}.items():
        put(row, [value] * 4, by="plan", segment=plan)
    found = groups(row, row.definition, where({"not_in": ["pro"]}), Grain.week, ())
    assert found is not None
    assert (found.exposed.values[0], found.unexposed.values[0]) == (35.0, 10.0)
    assert groups(row, row.definition, where({"gt": 3}), Grain.week, ()) is None


def where(condition: dict[str, object]) -> Where:
    return audience({"where": {"plan": condition}}).where


def test_what_a_launch_may_move_is_no_control() -> None:
    written = [
        {"key": "setup", "kind": "count", "event": "setup", "drives": ["orders"]},
        {"key": "orders", "kind": "count", "event": "order", "drives": ["revenue"]},
        {"key": "revenue", "kind": "sum", "event": "paid", "property": "amount"},
        {"key": "revenue_each", "kind": "formula", "formula": "revenue / visits"},
        {"key": "buyers", "kind": "unique", "event": "order", "by": "user"},
        {"key": "visits", "kind": "count", "event": "visit"},
        {"key": "team", "kind": "manual"},
    ]
    definitions = {str(one["key"]): parse(one) for one in written}
    assert untouched(definitions, ["orders"]) == ["visits"]


def test_months_are_judged_by_week(shop: Workspace) -> None:
    monthly = Metric(workspace=shop, key="a", profile={"grain": "month"})
    daily = Metric(workspace=shop, key="b", profile={"grain": "day"})
    assert (judged_at(monthly), judged_at(daily)) == (Grain.week, Grain.day)
