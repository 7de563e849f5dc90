"""A pack lists no KPI that its own tracking list does not feed, and nothing that feeds none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

import headway
from headway.engine.definition import Condition, Definition
from headway.engine.errors import NotFound
from headway.engine.kinds import KINDS, check_inputs
from headway.engine.selection import Truth
from headway.metrics.catalogue import templates
from headway.metrics.needs import READ, events_of, needs, own_name, renamed
from headway.metrics.packs import Kpi, Pack, lines, pack, packs, tracked
from headway.metrics.stages import STAGES
from tests.metrics.pack_events import BEGIN, DAYS, table

ALL = packs()
EACH = pytest.mark.parametrize("one", ALL, ids=[p.key for p in ALL])
KPIS = [(p, k) for p in ALL for k in p.kpis]
SIDE = {"currency"}
"""Sent beside an amount for its conversion, and named by no definition."""


@EACH
def test_it_has_what_a_team_begins_with(one: Pack) -> None:
    kpis = [k for k in one.kpis if k.level == "kpi"]
    assert 15 <= len(one.kpis) <= 34
    assert 5 <= len(kpis) <= 8
    assert one.north_star in one.documents
    assert one.documents[one.north_star]["outcome"] == "product"
    tracked(one, one.value.event)
    assert len(one.documents) == len(one.kpis)


@EACH
def test_its_metrics_stand_in_both_ways(one: Pack) -> None:
    families = {document["family"] for document in one.documents.values()}
    assert families <= {stage.family for stage in STAGES}
    assert sum(family.startswith("creation/") for family in families) >= 2
    assert sum(family.startswith("capture/") for family in families) >= 4


@EACH
def test_its_journey_has_room_for_what_creates_value(one: Pack) -> None:
    usual = [s.family for s in STAGES if s.family.startswith("creation/")]
    assert [stage.family for stage in one.journey] == usual
    capabilities = [c for stage in one.journey for c in stage.capabilities]
    assert len({c.key for c in capabilities}) == len(capabilities) >= 4
    named = {key for c in capabilities for key in c.metrics}
    assert named <= {*one.documents, *(t.key for t in templates())}
    operation = {k for k, d in one.documents.items() if d["family"] == "creation/operation"}
    assert len(named & operation) >= 3


@EACH
def test_inputs_links_and_guardrails_are_in_it(one: Pack) -> None:
    check_inputs(one.definitions)
    for kpi in one.kpis:
        named = {*kpi.drives, *one.guardrails(kpi)}
        assert named <= one.documents.keys(), kpi.metric
        assert kpi.metric not in named


@EACH
def test_its_kpis_lead_to_a_business_outcome(one: Pack) -> None:
    documents = one.documents
    for kpi in one.kpis:
        if kpi.level == "kpi":
            reached = _driven(kpi.metric, documents)
            outcomes = {documents[key].get("outcome") for key in reached}
            assert "business" in outcomes, f"{kpi.metric} leads to no business outcome"


def _driven(key: str, documents: dict[str, Any]) -> set[str]:
    found, waiting = set(), [key]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += documents[name].get("drives", [])
    return found


@EACH
def test_the_tracking_list_is_what_the_definitions_need(one: Pack) -> None:
    sent = {t.event: set(t.properties) for t in one.tracking}
    needed = {event: found for event, found in one.needs.items() if event != "any"}
    assert needed.keys() == sent.keys()
    assert {e: found - sent[e] for e, found in needed.items() if found - sent[e]} == {}
    assert {
        e: sent[e] - found - SIDE for e, found in needed.items() if sent[e] - found - SIDE
    } == {}


@pytest.mark.parametrize(("one", "kpi"), KPIS, ids=[f"{p.key}-{k.metric}" for p, k in KPIS])
def test_the_tracking_list_has_its_subjects_and_values(one: Pack, kpi: Kpi) -> None:
    definition = one.definitions[kpi.metric]
    for match in definition.selections().values():
        for event in match.events:
            sent = tracked(one, event)
            if definition.by == "account":
                assert "account_id" in sent.ids
            for name, test, wanted in match.tests:
                if test == "in":
                    assert _values(wanted) <= _values(sent.properties[name])


def _values(value: Any) -> set[Any]:
    values = value if isinstance(value, list | tuple) else [value]
    return {v.value if isinstance(v, Truth) else v for v in values}


@cache
def answers(key: str) -> dict[str, Any]:
    """Every metric of the pack over events that follow its tracking list, by week."""
    one = pack(key)
    found = headway.measure(
        one.documents.values(),
        table(one),
        start=BEGIN.date(),
        end=BEGIN.date() + timedelta(days=DAYS),
        grain="week",
        as_of=BEGIN + timedelta(days=DAYS),
    )
    assert found.rejects == ()
    return {a.key: a.series for a in found.answers if a.series.segment_by is None}


@pytest.mark.parametrize(("one", "kpi"), KPIS, ids=[f"{p.key}-{k.metric}" for p, k in KPIS])
def test_every_metric_is_computed_from_the_tracking_list(one: Pack, kpi: Kpi) -> None:
    series = answers(one.key)[kpi.metric]
    last = series.last_complete()
    assert last is not None
    assert last.value is not None, last.reason
    assert any(p.value for p in series.points), "always 0"


@EACH
def test_the_examples_are_events_that_can_be_imported(one: Pack, tmp_path: Any) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text(lines(one.tracking))
    documents = [{"key": t.event, "kind": "count", "event": t.event} for t in one.tracking]
    at = datetime(2026, 3, 9, tzinfo=UTC)
    found = headway.measure(
        documents, path, start="2026-03-02", end="2026-03-09", grain="week", as_of=at
    )
    assert found.rejects == ()
    assert {a.series.points[0].value for a in found.answers} == {1.0}


def test_an_unknown_pack_is_corrected() -> None:
    with pytest.raises(NotFound, match="Did you mean `e-commerce`"):
        pack("ecommerce")


def test_no_kind_hides_a_property_from_what_is_needed() -> None:
    """Texts of a kind's own that are neither names of properties nor something else."""
    others = {"formula", "sql", "window", "limit", "gap", "numerator", "denominator", "bucket"}
    others |= {"event", "count", "stat", "mode", "clock", "cohort", "entry", "order", "part", "per"}
    others |= {"of", "measure"}
    shared = set(Definition.__struct_fields__)
    for name, kind in KINDS.items():
        own = {f for f in kind.__struct_fields__ if f not in shared}
        texts = {f for f in own if "str" in str(kind.__annotations__.get(f, ""))}
        assert texts <= {*others, *READ}, name


def test_needs_are_events_with_the_properties_that_matter() -> None:
    document = {
        "key": "m", "kind": "mean", "event": "paid", "property": "amount", "by": "shop",
        "where": {"plan": "pro"}, "segments": ["country"],
        "who": {"did": {"event": "joined", "where": {"role": "owner"}}},
    }  # fmt: skip
    found = needs(headway.engine.kinds.parse(document))
    assert found == {"paid": {"amount", "shop", "plan", "country"}, "joined": {"role"}}
    assert events_of(document) == ["paid", "joined"]
    assert isinstance(headway.engine.kinds.parse(document).where["plan"], str | Condition)


def test_events_get_other_names_everywhere_but_in_filters() -> None:
    document = {
        "kind": "share", "event": ["a", "b"], "where": {"event": "a"},
        "of": {"event": "a", "where": {"a": "a"}}, "steps": [{"event": "any"}, {"event": "b"}],
    }  # fmt: skip
    assert renamed(document, {"a": "x, y", "b": "y"}) == {
        "kind": "share", "event": ["x", "y"], "where": {"event": "a"},
        "of": {"event": ["x", "y"], "where": {"a": "a"}},
        "steps": [{"event": "any"}, {"event": "y"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "known", "also", "found"),
    [
        ("order_placed", ["order_placed", "x"], (), "order_placed"),
        ("order_placed", ["Order Placed"], (), "Order Placed"),
        ("order_placed", ["placedOrder"], (), "placedOrder"),
        ("order_placed", ["purchase", "visit"], ("purchase",), "purchase"),
        ("order_placed", ["orders_placed"], (), "orders_placed"),
        ("order_placed", ["ticket_opened", "visited"], (), ""),
        ("order_placed", [], ("purchase",), ""),
    ],
)
def test_own_names_are_found_by_their_words(
    name: str, known: list[str], also: tuple[str, ...], found: str
) -> None:
    assert own_name(name, known, also) == found
