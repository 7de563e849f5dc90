"""`make bench`: how long a board takes, as ratios against peers measured in the same run.

    python -m bench [--events 1000000] [--rounds 3]

Every approach answers the same questions for each of 730 days and must give the same numbers.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import polars
import pyarrow as pa
import pyarrow.compute as pc

from bench import headway_board, peers
from headway.demo.parcel import PRODUCT, draw
from headway.engine.event import MARKERS
from headway.stores.local import PartFile, write_parts

END = date(2026, 1, 1)
Series = dict[str, np.ndarray]


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="headway-bench-") as folder:
        root = Path(folder)
        parts, seconds = _build(root, arguments.events)
        rows = sum(p.rows for p in parts)
        print(f"{_machine()}\n{rows:,} events written at {rows / seconds:,.0f} a second\n")
        _compare(root, parts, arguments.rounds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _build(root: Path, events: int) -> tuple[list[PartFile], float]:
    """Without merged identities, which the peers' queries leave out."""
    tables = [t for source, t in draw(end=END, events=events).tables() if source == PRODUCT]
    table = pa.concat_tables(tables, promote_options="permissive")
    table = table.filter(pc.invert(pc.is_in(table["event"], value_set=pa.array(MARKERS))))
    named = table.rename_columns([headway_board.column(name) for name in table.column_names])
    start = time.perf_counter()
    return write_parts(root, named, "product", []).parts, time.perf_counter() - start


def _compare(root: Path, parts: list[PartFile], rounds: int) -> None:
    files = [str(root / p.path) for p in parts]
    board = headway_board.Board(root, parts, END, datetime(2026, 2, 1, tzinfo=UTC))
    approaches: dict[str, Callable[[], Series | None]] = {
        "bare scan": lambda: peers.scan(files),
        "Headway": board.answer,
        "SQL per metric (DuckDB)": lambda: peers.sql(files, board.start, board.end),
        "Polars": lambda: peers.frames(files, board.start, board.end),
    }
    times, answers = _run(approaches, rounds)
    scan = statistics.median(times["bare scan"])
    print(f"{'approach':26}{'median s':>10}{'× scan':>10}")
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:26}{median:>10.3f}{median / scan:>10.1f}")
    _agree(answers)


def _run(
    approaches: dict[str, Callable[[], Series | None]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, Series]]:
    """One unmeasured warm-up, then the approaches in turn, so that all meet the same machine."""
    times: dict[str, list[float]] = {name: [] for name in approaches}
    answers: dict[str, Series] = {}
    for measured in range(rounds + 1):
        for name, answer in approaches.items():
            start = time.perf_counter()
            found = answer()
            if measured:
                times[name].append(time.perf_counter() - start)
            if found:
                answers[name] = found
    return times, answers


def _agree(answers: dict[str, Series]) -> None:
    ours = answers.pop("Headway")
    for name, theirs in answers.items():
        differing = [k for k, v in theirs.items() if not np.allclose(v, ours[k], rtol=1e-12)]
        same = f"differs in {', '.join(differing)}" if differing else "gives the same numbers"
        print(f"{name} {same} ({len(theirs)} series).")


def _machine() -> str:
    versions = f"DuckDB {duckdb.__version__}, Polars {polars.__version__}"
    return f"{platform.machine()}, Python {platform.python_version()}, {versions}"


if __name__ == "__main__":
    main()
