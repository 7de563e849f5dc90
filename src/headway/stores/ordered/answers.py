"""Which statistics compiled kernels know; each gives the table that the SQL gives, or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from headway.engine.statistics import Activity, Gaps, Returns, Steps
from headway.stores.ordered.active import activity, gaps
from headway.stores.ordered.returns import returns
from headway.stores.ordered.runs import Runs
from headway.stores.ordered.steps import steps

ANSWERS: Mapping[type[Any], Callable[[Any, Runs], pa.Table | None]] = {
    Gaps: gaps,
    Activity: activity,
    Returns: returns,
    Steps: steps,
}
