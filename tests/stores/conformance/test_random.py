"""Random small worlds: every store against the plain loops of the reference, and the local one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.engine.period import Grain
from headway.engine.series import Answer
from headway.stores.local import LocalStore
from tests.engine import reference
from tests.engine.reference import Question, growth, paths
from tests.engine.reference.movement import movement
from tests.engine.test_growth import parts_of
from tests.engine.test_identities import DEFINITIONS, IDENTITY
from tests.engine.test_paths import ATTEMPTS
from tests.engine.test_reference import (
    BRACKETS,
    RETENTION,
    ROLLING,
    SERIES,
    events,
    kind,
    selectors,
    steps_of,
    windows,
)
from tests.engine.worlds import answer, ask, questions, shuffled, table, values
from tests.stores.conformance.conftest import Opener
from tests.stores.conformance.engines import each_once

few = settings(
    max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
FUNNELS = kind(
    "funnel",
    steps=st.lists(selectors, min_size=2, max_size=4),
    window=windows,
    entry=st.sampled_from(["first", "any"]),
    order=st.sampled_from(["loose", "strict"]),
)
MOVEMENTS = kind(
    "movement",
    event=events,
    value=st.just("amount"),
    customer=st.sampled_from(["user", "account"]),
)
Expected = Callable[[Any, Question, Grain, Answer], bool]


def growing(definition: Any, asked: Question, grain: Grain, found: Answer) -> bool:
    return parts_of(found) | {"all": values(found)} == growth.lifecycle(definition, asked, grain)


def moving(definition: Any, asked: Question, grain: Grain, found: Answer) -> bool:
    wanted = movement(definition, asked, grain)
    return parts_of(found) == {k: pytest.approx(v, rel=1e-9) for k, v in wanted.items()}


def stepping(definition: Any, asked: Question, grain: Grain, found: Answer) -> bool:
    of = paths.attempts if definition.count == "attempts" else reference.funnel
    wanted = of(definition, asked)
    return steps_of(found, asked, len(wanted[0])) == wanted


def returning(definition: Any, asked: Question, grain: Grain, found: Answer) -> bool:
    cohorts = [(c["size"], c["returned"]) for c in found.tables["cohorts"]]
    return cohorts == reference.retention(definition, asked)


WHOLE: Mapping[str, tuple[st.SearchStrategy[Any], Expected]] = {
    "lifecycle": (kind("lifecycle", event=events), growing),
    "movement": (MOVEMENTS, moving),
    "funnel": (FUNNELS, stepping),
    "funnel, attempts": (ATTEMPTS, stepping),
    "retention": (st.one_of(RETENTION, ROLLING, BRACKETS), returning),
}
"""Kinds whose answers are more than a series."""


@few
@given(data=st.data(), asking=questions("ABCD"))
def test_the_reference(data: st.DataObject, asking: tuple[Question, Grain], opened: Opener) -> None:
    asked, grain = asking
    with opened(table(asked.happenings)) as store:
        for name, (definitions, expected) in SERIES.items():
            definition = data.draw(definitions, name)
            found = values(answer(store, definition, asked, grain))
            assert found == close(expected(definition, asked)), definition
        for name, (definitions, agrees) in WHOLE.items():
            definition = data.draw(definitions, name)
            assert agrees(definition, asked, grain, answer(store, definition, asked, grain)), name


@few
@given(
    asking=questions(),
    seed=st.integers(0, 10_000),
    joined=st.booleans(),
    segment=st.sampled_from([None, "plan", "amount", "ok", "account"]),
)
def test_the_local_store(
    asking: tuple[Question, Grain], seed: int, joined: bool, segment: str | None, opened: Opener
) -> None:
    """Every kind's whole answer, with copies among the events and people who are joined."""
    asked, grain = asking
    rows = [*asked.happenings, *(IDENTITY if joined else [])]
    asked = Question(rows, asked.calendar, asked.periods)
    mixed = table([row for batch in shuffled(rows, seed) for row in batch])
    local = ask(LocalStore.of_table(each_once(mixed)), DEFINITIONS, asked, grain, segment=segment)
    with opened(mixed) as store:
        other = ask(store, DEFINITIONS, asked, grain, segment=segment)
        for key in DEFINITIONS:
            assert other.answer(key).to_dict() == close(local.answer(key).to_dict()), key


def close(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: close(v) for k, v in value.items()}
    if isinstance(value, list):
        return [close(v) for v in value]
    return pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value
