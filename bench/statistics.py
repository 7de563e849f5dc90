"""Where Headway's seconds go: `python -m bench.statistics FOLDER`, one of those in build/bench.

Every statistic of the board is asked twice of a store, the first time with what it builds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from bench import ours, report
from bench.data import load
from bench.events import FIRST
from headway.engine.measure import measure
from headway.engine.statistics import Statistic
from headway.stores.local import LocalStore


@dataclass
class Timed:
    """A store that remembers how long each sort of statistic took."""

    store: LocalStore
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def run(self, statistic: Statistic) -> pa.Table:
        start = time.perf_counter()
        found = self.store.run(statistic)
        self.seconds[type(statistic).__name__].append(time.perf_counter() - start)
        return found

    def sql(self, statistic: Statistic) -> str:
        return self.store.sql(statistic)

    def dialect(self, statistic: Statistic) -> str:
        return self.store.dialect(statistic)


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        data = load(folder).copy(Path(scratch))
        for turn in ("first", "again"):
            start = time.perf_counter()
            store = Timed(ours.opened(data))
            opened = time.perf_counter() - start
            measure(ours.definitions(), store, ours.scope(data, FIRST))
            total = time.perf_counter() - start
            rows = [(turn, "times", "seconds"), ("open", "", f"{opened:.3f}")]
            for name, taken in store.seconds.items():
                rows.append((name, str(len(taken)), f"{sum(taken):.3f}"))
            asked = sum(map(sum, store.seconds.values()))
            rows.append(("points and the rest", "", f"{total - opened - asked:.3f}"))
            print(report.markdown([*rows, ("all", "", f"{total:.3f}")]), end="\n\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
