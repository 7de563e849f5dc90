"""Kinds with parts and tables against the plain loops of the reference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.engine.kinds.frequency import Frequency
from headway.engine.kinds.lifecycle import Lifecycle
from headway.engine.kinds.movement import Movement
from headway.engine.period import Grain
from headway.engine.series import Answer
from headway.stores.local import LocalStore
from tests.engine.reference import Question, growth
from tests.engine.reference.movement import movement
from tests.engine.test_reference import events, fast, kind
from tests.engine.worlds import answer, questions, table, values


def parts_of(found: Answer) -> dict[str, list[float | None]]:
    return {name: [p.value for p in one.of()] for name, one in found.parts.items()}


@fast
@given(definition=kind("lifecycle", event=events), asking=questions())
def test_lifecycle(definition: Lifecycle, asking: tuple[Question, Grain]) -> None:
    asked, grain = asking
    store = LocalStore.of_table(table(asked.happenings))
    found = answer(store, definition, asked, grain)
    wanted = growth.lifecycle(definition, asked, grain)
    assert parts_of(found) | {"all": values(found)} == wanted
    for name in definition.parts():
        assert values(answer(store, definition.of_part(name), asked, grain)) == wanted[name]


@fast
@given(
    definition=kind(
        "frequency",
        event=events,
        count=st.sampled_from(["days", "events"]),
        of=st.sampled_from(["active", "all"]),
    ),
    asking=questions(),
)
def test_frequency(definition: Frequency, asking: tuple[Question, Grain]) -> None:
    asked, grain = asking
    found = answer(LocalStore.of_table(table(asked.happenings)), definition, asked, grain)
    wanted = growth.frequency(definition, asked)
    exactly: dict[str, dict[int, int]] = {p.start.isoformat(): {} for p in asked.periods}
    for row in found.tables["histogram"]:
        exactly[row["start"]][row["n"]] = row["subjects"]
    assert list(exactly.values()) == wanted
    for value, often in zip(values(found), wanted, strict=True):
        total, subjects = sum(k * n for k, n in often.items()), sum(often.values())
        assert value == (pytest.approx(total / subjects) if subjects else None)


@fast
@given(
    definition=kind(
        "movement",
        event=events,
        value=st.just("amount"),
        customer=st.sampled_from(["user", "account"]),
        measure=st.sampled_from(["amount", "customers"]),
    ),
    asking=questions(),
)
def test_movement(definition: Movement, asking: tuple[Question, Grain]) -> None:
    asked, grain = asking
    store = LocalStore.of_table(table(asked.happenings))
    found = parts_of(answer(store, definition, asked, grain))
    assert found == movement(definition, asked, grain)
