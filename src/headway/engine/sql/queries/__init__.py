"""Each statistic as one query over the relation `events`.

Window functions do the work: one sort by subject and time instead of joins of events with events.
The text is in DuckDB's dialect over a few primitives (see `emitter.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from headway.engine.remnant import Remains
from headway.engine.sql.queries.activity import activity, gaps, holders
from headway.engine.sql.queries.arms import arms
from headway.engine.sql.queries.cells import cells, counts, peaks
from headway.engine.sql.queries.custom import custom
from headway.engine.sql.queries.customers import customers, levels, spent, tenures
from headway.engine.sql.queries.examples import examples, volume
from headway.engine.sql.queries.lengths import between, lengths
from headway.engine.sql.queries.moves import moves
from headway.engine.sql.queries.outages import outages
from headway.engine.sql.queries.quantiles import quantiles
from headway.engine.sql.queries.remains import remains
from headway.engine.sql.queries.returns import returns
from headway.engine.sql.queries.sessions import sessions
from headway.engine.sql.queries.states import states
from headway.engine.sql.queries.steps import steps
from headway.engine.sql.queries.subjects import overlaps, pairs
from headway.engine.statistics import (
    Activity,
    Arms,
    Between,
    Cells,
    Counts,
    Custom,
    Customers,
    Examples,
    Gaps,
    Holders,
    Lengths,
    Levels,
    Moves,
    Outages,
    Overlaps,
    Pairs,
    Peaks,
    Quantiles,
    Returns,
    Sessions,
    Spent,
    States,
    Statistic,
    Steps,
    Tenures,
    Volume,
)

QUERIES: Mapping[type[Any], Callable[[Any], str]] = {
    Cells: cells,
    Counts: counts,
    Peaks: peaks,
    Pairs: pairs,
    Overlaps: overlaps,
    Gaps: gaps,
    Holders: holders,
    Activity: activity,
    Quantiles: quantiles,
    Returns: returns,
    Steps: steps,
    Lengths: lengths,
    Between: between,
    Sessions: sessions,
    Custom: custom,
    States: states,
    Moves: moves,
    Outages: outages,
    Arms: arms,
    Volume: volume,
    Customers: customers,
    Spent: spent,
    Tenures: tenures,
    Levels: levels,
    Examples: examples,
    Remains: remains,
}


def query(statistic: Statistic) -> str:
    return QUERIES[type(statistic)](statistic)
