"""Every case of tests/engine/golden through every store."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.stores.reading import read_events
from tests.engine.test_golden import LATER, Case, cases, check, file, instant, through
from tests.stores.conformance.conftest import Opener

__all__ = ["file"]


def of_no_source(case: Case) -> bool:
    """Events in memory have no source; tests/stores/test_warehouse.py has sources."""
    return not any("source" in metric for metric in case["metrics"])


@pytest.mark.parametrize("case", [c for c in cases() if of_no_source(c.values[0])])
def test_golden(case: Case, file: Path, opened: Opener) -> None:
    table = next(read_events(file, now=instant(LATER))).table
    first_at = table["happened_at"].to_pylist()
    with opened(table) as store:
        check(case, through(case, store, first_at))
