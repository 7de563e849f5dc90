"""When a level changed, beside what happened then; and whether what is said to drive does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from headway.accounts.models import Workspace
from headway.engine.period import Grain
from headway.metrics.happened.annotations import save_annotation
from headway.metrics.happened.happenings import annotations_by
from headway.metrics.models import Definition, Metric, Point
from headway.outlook.links import LINKS, Link, ties, ties_of
from headway.outlook.models import Study
from headway.outlook.refresh import refresh
from headway.outlook.turns import TURNS, Levels, seen
from headway.stats.history import CannotTell

FIRST = date(2024, 1, 1)
NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def metric(workspace: Workspace, key: str, values: np.ndarray, **columns: object) -> Metric:
    row = Metric.objects.create(workspace=workspace, key=key, name=key.title(), **columns)
    body = {"kind": "count", "event": key}
    Definition.objects.create(metric=row, version=1, body=body, at=NOON)
    Point.objects.bulk_create(
        Point(
            metric=row, grain="week", start=FIRST + i * WEEK, end=FIRST + (i + 1) * WEEK,
            value=float(value), complete=True,
        )
        for i, value in enumerate(values)
    )  # fmt: skip
    return row


def test_a_turn_stands_beside_what_happened_and_claims_no_cause(acme: Workspace) -> None:
    rng = np.random.default_rng(2)
    values = 100 * np.exp(rng.normal(0, 0.03, 60))
    values[40:] *= 0.8
    orders = metric(acme, "orders", values, direction="up")
    day = FIRST + 40 * WEEK
    for title, when in (("Checkout v2", day - timedelta(days=2)), ("Party", day - 20 * WEEK)):
        save_annotation(acme, kind="launch", title=title, starts=when, by=None, now=NOON)
    refresh(acme, now=NOON)
    found = TURNS.read(orders, Grain.week)
    assert isinstance(found, Levels)
    rows = annotations_by([orders])[orders.pk]
    turns = seen(orders, found, rows, FIRST, date(2026, 1, 1), "EUR")
    assert [one.turn.day for one in turns] == [day]
    said = turns[0].sentence
    assert said.startswith("The level fell by ")
    assert said.endswith(" around 7 Oct 2024, 2 days after “Checkout v2”.")
    assert turns[0].good == "worse"
    assert turns[0].flag.day == day
    assert seen(orders, found, (), date(2025, 1, 1), date(2026, 1, 1), "EUR") == []
    [alone] = seen(orders, found, (), FIRST, date(2026, 1, 1), "EUR")
    assert alone.sentence.endswith("; nothing is marked near it.")


def test_what_is_said_to_drive_is_looked_at_and_read_in_words(acme: Workspace) -> None:
    rng = np.random.default_rng(3)
    cause = np.cumsum(rng.normal(0, 0.05, 104))
    result = np.cumsum(rng.normal(0, 0.02, 104))
    result[3:] += 0.5 * cause[:-3]
    setup = metric(acme, "setup", np.exp(5 + cause), profile={"drives": ["revenue", "setup", "x"]})
    luck = np.exp(5 + np.cumsum(rng.normal(0, 0.05, 104)))
    metric(acme, "luck", luck, profile={"drives": ["revenue"]})
    metric(acme, "young", np.exp(5 + cause[:10]), profile={"drives": ["revenue"]})
    revenue = metric(acme, "revenue", np.exp(8 + result))
    refresh(acme, now=NOON)
    found = {tie.cause.key: tie for tie in ties(acme)}
    assert set(found) == {"setup", "luck", "young"}
    link = found["setup"].link
    assert isinstance(link, Link)
    assert (link.verdict, link.lag) == ("linked", 3)
    assert link.low < 0.5 < link.high
    assert found["setup"].words == "moves about 3 weeks earlier; strong"
    assert found["setup"].rests.startswith("1 % more goes with 0.")
    assert "only an experiment tells" in found["setup"].rests
    assert found["luck"].words == "no evidence yet"
    assert "do not go together beyond chance" in found["luck"].rests
    assert found["young"].words == "cannot be told yet"
    assert "10 weeks in which both are known" in found["young"].rests
    assert [tie.result for tie in ties_of(setup)] == [revenue]
    assert len(ties_of(revenue)) == 3
    setup.profile = {}
    setup.save()
    refresh(acme, now=NOON)
    assert not Study.objects.filter(name=LINKS.name, metric=setup).exists()
    assert isinstance(LINKS.read(setup, Grain.week, revenue), CannotTell)


@pytest.mark.parametrize(
    ("strength", "lag", "words"),
    [
        (0.25, 1, "moves about 1 week earlier; weak"),
        (-0.4, 0, "moves the other way in the same week; moderate"),
    ],
)
def test_words_of_a_link(strength: float, lag: int, words: str) -> None:
    assert Link("linked", lag, strength, 1, 0.5, 1.5, False, 0.01, 90).words == words
