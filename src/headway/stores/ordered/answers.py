"""Which statistics compiled kernels know; each gives the table that the SQL gives, or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from headway.engine.statistics import (
    Activity,
    Cells,
    Counts,
    Gaps,
    Lengths,
    Returns,
    States,
    Steps,
)
from headway.stores.ordered.active import activity, gaps
from headway.stores.ordered.lengths import lengths
from headway.stores.ordered.returns import returns
from headway.stores.ordered.runs import Runs
from headway.stores.ordered.steps import steps
from headway.stores.ordered.values import cells, counts, states

ANSWERS: Mapping[type[Any], Callable[[Any, Runs], pa.Table | None]] = {
    Gaps: gaps,
    Activity: activity,
    Returns: returns,
    Steps: steps,
    Lengths: lengths,
    Cells: cells,
    Counts: counts,
    States: states,
}
