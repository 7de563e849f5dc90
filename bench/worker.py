"""One approach in a process of its own: `python -m bench.worker NAME DATA SMALL OUT`.

It answers a small board first, unmeasured, so that imports and compiled code are there.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

from bench.board import Answers
from bench.clock import Clock
from bench.data import Data, load

Runs = Callable[[Data, Clock], Answers]


@dataclass(frozen=True)
class Approach:
    title: str
    module: str
    function: str = "run"

    def load(self) -> Runs:
        found: Runs = getattr(import_module(f"bench.{self.module}"), self.function)
        return found


APPROACHES = {
    "scan": Approach("Bare scan of person, time, event", "scan"),
    "headway": Approach("**Headway**", "ours"),
    "duckdb": Approach("Semantic-layer SQL, DuckDB", "semantic"),
    "clickhouse": Approach("Product-analytics queries, ClickHouse", "clickhouse", "product"),
    "clickhouse-best": Approach("Best by hand, ClickHouse", "clickhouse", "best"),
    "polars": Approach("Polars", "frames"),
}


def main(name: str, folder: Path, small: Path, out: Path) -> None:
    run = APPROACHES[name].load()
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        warm_up = load(small).copy(Path(scratch))
        answers = run(warm_up, Clock())
        if name == "headway":
            _grow(warm_up, Clock(), answers)
    clock = Clock(out / "laps")
    data = load(folder).copy(out)
    answers = run(data, clock)
    if name == "headway":
        answers |= _grow(data, clock, answers)
    np.savez(out / "answers.npz", allow_pickle=False, **answers)


def _grow(data: Data, clock: Clock, board: Answers) -> Answers:
    """What was refreshed and, unmeasured, the same asked anew: `refreshed: dau`, `anew: dau`."""
    from bench import ours

    grown, refreshed = ours.grow(data, clock, board)
    anew = ours.answers(grown)
    return {f"refreshed: {name}": values for name, values in refreshed.items()} | {
        f"anew: {name}": values for name, values in anew.items()
    }


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
