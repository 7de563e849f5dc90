"""Every KPI of the catalogue is computed at Parcel, and is what the simulation knows it to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headway.demo.calendar import filled
from headway.demo.parcel import Parcel, draw
from headway.demo.parcel.coverage import COVERAGE
from headway.demo.parcel.truths import Reads, truths
from headway.engine.definition import Definition
from headway.engine.kinds import KINDS
from headway.engine.measure import Ask, Scope, measure, scope_of
from headway.engine.period import Calendar, Grain
from headway.engine.series import Answer, Point
from headway.files.reading import reads
from headway.metrics.catalogue import template, templates
from headway.stores.local import LocalStore
from headway.stores.reading import read_events

END = date(2026, 3, 2)
EVENTS = 60_000
CALENDAR = Calendar("Europe/Berlin")
LONG_AFTER = CALENDAR.instant(END + timedelta(days=400))
"""Every window has closed by then."""

GRAINS = (Grain.day, Grain.week, Grain.month)
WHOLE_NUMBERS = {"count", "unique", "lifecycle"}
CENTS = {"sum", "stock", "movement"}
STEADY = {"capacity_installed"}
"""What does not change at Parcel."""

TYPED = {"market_size": "people type it; Parcel takes it from an analyst's reports"}
"""Templates that nothing in the events could be compared with."""

STAGED = ("registration_dropoff", "configuration_dropoff", "pipeline_conversion")
SPLITS = ("country", "use_case", "plan")
PAIRS = [(row, t, m) for row, made in COVERAGE.items() for t, m in made.items()]


@dataclass(frozen=True)
class Board:
    """Parcel's metrics over its two years, and what they are by construction."""

    definitions: Mapping[str, Definition]
    answers: Mapping[tuple[str, Grain], Answer]
    split: Mapping[str, Answer]
    truth: Mapping[str, Reads]
    parcel: Parcel

    def expected(self, key: str, points: Sequence[Point]) -> np.ndarray:
        start = self.parcel.world.start
        edges = [(p.start - start).days for p in points] + [(points[-1].end - start).days]
        return self.truth[key](np.array(edges))


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Board:
    parcel = draw(end=END, events=EVENTS)
    document = reads(filled((files("headway.demo") / "parcel.yml").read_text(), parcel.truth))
    definitions = {d.key: d for d in document.metrics}
    store = _store(parcel, tmp_path_factory.mktemp("parcel") / "events.parquet")
    answers = {
        (answer.key, grain): answer
        for grain in GRAINS
        for answer in _measured(definitions, store, parcel.world.start, grain)
    }
    split = {name: _split(definitions, store, parcel.world.start, name) for name in SPLITS}
    return Board(definitions, answers, split, truths(parcel), parcel)


def _store(parcel: Parcel, path: Path) -> LocalStore:
    pq.write_table(pa.concat_tables(table for _, table in parcel.tables()), path)
    batches = list(read_events(path, now=LONG_AFTER))
    assert not any(batch.rejects for batch in batches)
    return LocalStore.of_table(pa.concat_tables(b.table for b in batches))


def _measured(
    definitions: Mapping[str, Definition], store: LocalStore, start: date, grain: Grain
) -> list[Answer]:
    return measure(definitions, store, _scope(start, grain), segments=False)


def _split(
    definitions: Mapping[str, Definition], store: LocalStore, start: date, name: str
) -> Answer:
    scope = replace(_scope(start, Grain.month), segment=name)
    return Ask(definitions, store, scope).answer("customers")


def _scope(start: date, grain: Grain) -> Scope:
    return scope_of(start, END, grain, calendar=CALENDAR, as_of=LONG_AFTER, first_day=start)


@pytest.mark.parametrize(
    ("row", "key", "metric"), PAIRS, ids=[f"{row}: {key}" for row, key, _ in PAIRS]
)
def test_parcel_computes_what_the_simulation_knows(
    board: Board, row: str, key: str, metric: str
) -> None:
    definition = board.definitions[metric]
    assert definition.kind == template(key).kind
    known: set[float] = set()
    for grain in GRAINS:
        series = board.answers[metric, grain].series
        found = _values(series.points)
        assert all(p.complete and (p.value is not None or p.reason) for p in series.points)
        _compare(definition.kind, found, board.expected(metric, series.points), f"{row} by {grain}")
        known |= set(found[np.isfinite(found)].tolist())
    assert len(known) > 1 or metric in STEADY, f"always {known}"


def _values(points: Sequence[Point]) -> np.ndarray:
    return np.array([np.nan if p.value is None else p.value for p in points])


def _compare(kind: str, found: np.ndarray, expected: np.ndarray, where: str) -> None:
    if kind in WHOLE_NUMBERS:
        np.testing.assert_array_equal(found, expected, err_msg=where)
    elif kind in CENTS:
        np.testing.assert_array_equal(found.round(2), expected.round(2) + 0.0, err_msg=where)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9, err_msg=where)


@pytest.mark.parametrize("key", ["mrr_movements", "customer_movements", "growth_accounting"])
@pytest.mark.parametrize("grain", GRAINS)
def test_parts_are_what_the_simulation_knows(board: Board, key: str, grain: Grain) -> None:
    parts = board.answers[key, grain].parts
    assert parts.keys() == {k.split(".")[1] for k in board.truth if k.startswith(f"{key}.")}
    for name, series in parts.items():
        expected = board.expected(f"{key}.{name}", series.points)
        _compare("movement", _values(series.points), expected, f"{key}.{name}")


@pytest.mark.parametrize("key", STAGED)
@pytest.mark.parametrize("grain", GRAINS)
def test_every_step_has_as_many_as_the_simulation_knows(
    board: Board, key: str, grain: Grain
) -> None:
    answer, start = board.answers[key, grain], board.parcel.world.start
    counts: dict[str, list[int]] = {}
    for row in answer.tables["steps"]:
        counts.setdefault(row["start"], []).append(row["count"])
    edges = [(p.start - start).days for p in answer.series.points]
    edges.append((answer.series.points[-1].end - start).days)
    expected = [board.truth[f"{key} step {k}"](np.array(edges)) for k in range(1, 5)]
    found = [counts.get(p.start.isoformat(), [0] * 4) for p in answer.series.points]
    np.testing.assert_array_equal(np.array(found).T, expected)


@pytest.mark.parametrize("name", SPLITS)
def test_customers_are_split_as_the_simulation_knows(board: Board, name: str) -> None:
    series = board.split[name].series
    words = {k.split("=")[1] for k in board.truth if k.startswith(f"customers {name}=")}
    assert words <= set(series.segments)
    for word in series.segments:
        points, key = series.of(word), f"customers {name}={word}"
        expected = board.expected(key, points) if word in words else np.zeros(len(points))
        np.testing.assert_array_equal(_values(points), expected, err_msg=key)


def test_every_template_is_covered() -> None:
    made = {key for row in COVERAGE.values() for key in row}
    assert {t.key for t in templates()} - made == TYPED.keys()
    assert made <= {t.key for t in templates()}


def test_templates_are_of_every_kind_there_is() -> None:
    assert {t.kind for t in templates()} >= KINDS.keys() - {"min", "max", "query"}


def test_every_row_is_parcels_own(board: Board) -> None:
    named = {metric for made in COVERAGE.values() for metric in made.values()}
    assert named <= board.definitions.keys()
    assert named <= board.truth.keys()
    assert all(COVERAGE.values())
