"""What the two example workspaces are made of, before anything is loaded."""

from __future__ import annotations

from collections import Counter
from datetime import date
from importlib.resources import files

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from headway.demo.calendar import filled
from headway.demo.parcel import draw
from headway.demo.parcel.truth import INCIDENTS
from headway.files.document import Document
from headway.files.reading import reads

ROOM = files("headway.demo")
COHORT = [
    7846, 1157, 964, 810, 679, 736, 720, 582, 559, 594, 673, 634, 528, 511, 664, 472, 497, 498,
]  # fmt: skip


def text(name: str) -> str:
    return (ROOM / name).read_text(encoding="utf-8")


def parcel(end: date) -> Document:
    return reads(filled(text("parcel.yml"), draw(end=end, events=50_000).truth))


def test_cdnow_is_complete() -> None:
    rows = pq.read_table(str(ROOM / "cdnow.parquet"))
    assert len(rows) == 69_659
    assert pc.count_distinct(rows["user_id"]).as_py() == 23_570
    assert pc.sum(rows["amount"]).as_py() == pytest.approx(2_500_315.63)


def test_cdnow_cohort_of_january_1997() -> None:
    rows = pq.read_table(str(ROOM / "cdnow.parquet"))
    at = rows["happened_at"]
    months = pc.add(pc.multiply(pc.subtract(pc.year(at), 1997), 12), pc.subtract(pc.month(at), 1))
    active: dict[int, set[str]] = {}
    for user, month in zip(rows["user_id"].to_pylist(), months.to_pylist(), strict=True):
        active.setdefault(month, set()).add(user)
    assert [len(active[0] & active[month]) for month in range(18)] == COHORT


def test_cdnow_tells_where_it_comes_from() -> None:
    assert "Fader" in text("cdnow.md")
    assert "MIT License" in text("cdnow.md")


def test_cdnow_workspace_stands_at_the_end_of_its_data() -> None:
    document = reads(text("cdnow.yml"))
    assert document.workspace.key == "cdnow"
    assert document.workspace.clock.isoformat() == "1998-07-01T00:00:00+00:00"
    assert [m.key for m in document.metrics if m.level == "kpi" and not m.owner] == []


@pytest.mark.parametrize("end", [date(2026, 1, 1), date(2026, 1, 2), date(2028, 2, 29)])
def test_parcel_workspace_fits_every_last_day(end: date) -> None:
    document = parcel(end)
    this_quarter = next(c for c in document.cycles if c.key == document.objectives[2].cycle)
    assert this_quarter.starts < end <= this_quarter.ends or end.day == 1
    assert len({cycle.key for cycle in document.cycles}) == 3


def test_parcel_workspace_says_that_it_is_generated() -> None:
    assert "generated" in parcel(date(2026, 3, 2)).workspace.notice


def test_parcel_has_objectives_of_many_shapes() -> None:
    document = parcel(date(2026, 3, 2))
    results = [kr for objective in document.objectives for kr in objective.key_results]
    shapes = Counter(
        "keep" if kr.keep else "typed" if kr.metric is None else
        "reach" if kr.to is not None else "relative"
        for kr in results
    )  # fmt: skip
    assert min(shapes[shape] for shape in ("keep", "reach", "relative", "typed")) >= 1
    assert all(2 <= len(o.key_results) <= 4 for o in document.objectives)
    assert all(o.guardrails for o in document.objectives)


def test_parcel_kpis_have_an_owner_and_a_healthy_range() -> None:
    kpis = [m for m in parcel(date(2026, 3, 2)).metrics if m.level == "kpi"]
    assert len(kpis) >= 25
    assert [m.key for m in kpis if not m.owner or m.healthy is None] == []


def test_parcel_metrics_name_events_that_are_there() -> None:
    drawn = draw(end=date(2026, 3, 2), events=50_000)
    there = {name for _, table in drawn.tables() for name in pc.unique(table["event"]).to_pylist()}
    named = {
        (metric.key, event)
        for metric in reads(filled(text("parcel.yml"), drawn.truth)).metrics
        for match in metric.selections().values()
        for event in match.events
    }
    assert {(key, event) for key, event in named if event not in there} == set()
    assert len(named) > 150


def test_parcels_incidents_are_marked_on_the_days_that_are_built_in() -> None:
    end = date(2026, 11, 22)
    marked = {a.key: (a.starts, a.ends) for a in parcel(end).annotations}
    for incident in INCIDENTS:
        first, last = marked[incident.key]
        assert first == incident.day(end)
        assert last is not None
        assert (last - first).days + 1 == incident.length
    assert marked["christmas"][0] == date(2025, 12, 24)
