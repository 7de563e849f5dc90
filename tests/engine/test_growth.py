"""Kinds with parts against the plain loops of the reference."""

from __future__ import annotations

from hypothesis import given

from headway.engine.kinds.lifecycle import Lifecycle
from headway.engine.period import Grain
from headway.engine.series import Answer
from headway.stores.local import LocalStore
from tests.engine.reference import Question, growth
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
