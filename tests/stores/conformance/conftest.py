from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext

import pyarrow as pa
import pytest

from headway.engine.store import Store
from tests.stores.conformance.engines import ENGINES

Opener = Callable[[pa.Table], AbstractContextManager[Store]]


@pytest.fixture(scope="session")
def database(cluster: str) -> str:
    return f"{cluster}/postgres"


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(name, marks=[pytest.mark.slow] if engine.slow else [])
        for name, engine in ENGINES.items()
    ],
)
def opened(request: pytest.FixtureRequest) -> Opener:
    """Opens the engine's store over events, for the length of a `with`."""
    engine = ENGINES[request.param]
    at = request.getfixturevalue(engine.at) if engine.at else ""

    def open_(table: pa.Table) -> AbstractContextManager[Store]:
        store = engine.open(table, at)
        return closing(store) if hasattr(store, "close") else nullcontext(store)

    return open_
