"""The bench itself, on few events: everybody answers alike, and what it says is so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bench import board, ours, report, semantic
from bench.board import Answers
from bench.clock import Clock, laps
from bench.data import Data, load, make
from bench.events import by_day
from bench.rounds import Result, measured
from bench.targets import targets
from bench.worker import APPROACHES

EVENTS, DAYS = 20_000, 60


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("bench")
    make(folder, EVENTS, DAYS)
    return load(folder)


@pytest.fixture(scope="module")
def answers(made: Data) -> Answers:
    return ours.run(made, Clock())


@pytest.mark.parametrize("name", ["duckdb", "clickhouse", "clickhouse-best", "polars"])
def test_everybody_gives_the_same_numbers(
    name: str, made: Data, answers: Answers, tmp_path: Path
) -> None:
    theirs = APPROACHES[name].load()(made.copy(tmp_path), Clock())
    assert set(board.BOARD) <= theirs.keys() & answers.keys()
    assert board.differing(answers, {q: theirs[q] for q in board.BOARD}) == {}
    assert board.differing(answers, {q: answers[f"again: {q}"] for q in board.BOARD}) == {}
    assert all(np.nansum(theirs[question]) for question in board.BOARD)


def test_a_funnel_with_two_filters_has_the_same_numbers(made: Data, answers: Answers) -> None:
    theirs = semantic.run(made, Clock())
    assert board.differing(answers, {"ad-hoc funnel": theirs["ad-hoc funnel"]}) == {}


def test_what_was_refreshed_for_later_events_is_what_others_compute_anew(
    made: Data, answers: Answers, tmp_path: Path
) -> None:
    grown, refreshed = ours.grow(made.copy(tmp_path), Clock(), answers)
    assert grown.rows > made.rows
    anew = semantic.run(grown, Clock())
    assert len(anew["dau"]) == DAYS + 1
    assert board.differing(anew, refreshed) == {}


def test_the_same_size_gives_the_same_events_each_with_an_id_of_its_own() -> None:
    first, again = (pa.concat_tables(by_day(5_000, DAYS)) for _ in range(2))
    assert first.equals(again)
    assert len(first["message_id"].unique()) == first.num_rows == pytest.approx(5_000, rel=0.2)


def test_the_bench_says_what_differs(answers: Answers) -> None:
    theirs = {name: values.copy() for name, values in answers.items()}
    theirs["mau"][7] += 1
    theirs["dau"] = theirs["dau"][:-1]
    found = board.differing(answers, theirs)
    assert found == {"dau": f"{DAYS} of {DAYS} numbers", "mau": f"1 of {DAYS} numbers"}


def test_who_takes_too_long_is_ended_and_said_to_be(made: Data) -> None:
    results = measured(["duckdb"], made.folder, made.folder, rounds=2, patience=0.05)
    assert results["duckdb"].rounds == 1
    rows = report.board(results, 0.05)
    assert rows[1][1] == "> 0.05 s"
    assert rows[1][-1] == "ended after 0.05 s"


def test_seconds_are_kept_as_they_are_measured(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "laps")
    with clock.lap("board", "dau"):
        pass
    ((phase, part, seconds, peak),) = laps(tmp_path / "laps")
    assert (phase, part) == ("board", "dau")
    assert 0 <= seconds < 1
    assert peak > 10_000_000


def test_a_target_is_met_or_missed_by_so_much() -> None:
    headway, scan, peer = Result(), Result(), Result(ended="ended after 100 s", late=True)
    headway.seconds |= {("cold", ""): [3.0, 9.0, 4.0], ("warm", ""): [1.4]}
    headway.peak = 3_000_000_000
    scan.seconds["board", "scan"] = [1.0]
    results = {"headway": headway, "scan": scan, "clickhouse": peer, "duckdb": Result(ended="no")}
    found = list(targets(results, 100.0, [(1_000, 2.0), (1_000_000, 2000.0)]))
    verdicts = {target.what: (target.value, target.verdict) for target in found}
    assert verdicts["first board, with all that is built for it, to the bare scan"] == (4, "met")
    warm = verdicts["board from a warm store, to the bare scan"]
    assert warm == (1.4, "missed by a factor of 2.00")
    assert verdicts["ClickHouse queries, to the first board"] == (25, "open: the peer was ended")
    assert verdicts["semantic-layer SQL, to the first board"] == (None, "not measured")
    assert verdicts["peak memory"] == (3, "missed by a factor of 1.50")
    assert verdicts["growth of the first board with the events"][0] == pytest.approx(1)


def test_the_readme_gets_its_table_between_the_marks(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"above\n{report.BEGIN}\nold\n{report.END}\nbelow\n")
    table = report.markdown([("what", "s"), ("a scan", "1")])
    report.write(readme, table)
    report.write(readme, table)
    text = readme.read_text()
    assert text.startswith("above\n")
    assert text.endswith("below\n")
    assert text.count("| a scan |") == 1
    assert "old" not in text
