"""One question for what several grains ask: days that were read already are not read again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pyarrow as pa

from headway.engine.statistics import Cells, Counts, Gaps, Peaks, Statistic
from headway.engine.store import Store

BY_DAY = (Cells, Counts, Gaps, Peaks)
"""Their rows stand for single days, whatever days were read around them."""


class Pool:
    """A store that remembers what it was asked for one pass. Ask it for the longest stretch first:
    shorter ones that lie within are answered with the same rows, of which kinds take their days.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[Statistic, list[tuple[int, int, pa.Table]]] = defaultdict(list)

    def run(self, statistic: Statistic) -> pa.Table:
        if not isinstance(statistic, BY_DAY):
            return self._store.run(statistic)
        span = statistic.span
        known = self._found[replace(statistic, span=replace(span, start=0, end=0))]
        for start, end, table in known:
            if start <= span.start and span.end <= end:
                return table
        table = self._store.run(statistic)
        known.append((span.start, span.end, table))
        return table

    def sql(self, statistic: Statistic) -> str:
        return self._store.sql(statistic)

    def dialect(self, statistic: Statistic) -> str:
        return self._store.dialect(statistic)
