"""Time free of outages, as of a moment at which some of them may last."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.engine.ask import Ask
from headway.engine.kinds.uptime import Uptime
from headway.engine.measure import scope_of
from headway.engine.period import Grain
from headway.stores.local import LocalStore
from tests.engine.reference import Happening, Question, speed
from tests.engine.test_reference import events, fast, kind, wheres
from tests.engine.worlds import questions, table, values


def lasting(h: Happening) -> Happening:
    """Amounts are a few seconds; as many hours overlap, and span days."""
    amount = h.properties["amount"]
    seconds = amount if amount is None else float(amount) * 3600
    return replace(h, properties={**h.properties, "amount": seconds})


@fast
@given(
    definition=kind("uptime", event=events, incidents=st.just("amount"), maintenance=wheres),
    asking=questions(),
    hours=st.integers(0, 600),
)
def test_time_free_of_outages(
    definition: Uptime, asking: tuple[Question, Grain], hours: int
) -> None:
    asked, grain = asking
    asked = replace(asked, happenings=[lasting(h) for h in asked.happenings])
    at = asked.calendar.instant(asked.since) + timedelta(hours=hours)
    scope = scope_of(
        asked.periods[0].start, asked.periods[-1].end, grain, calendar=asked.calendar, as_of=at,
        first_day=min([asked.since, *(asked.day(h.at) for h in asked.happenings)]),
    )  # fmt: skip
    known = [h for h in asked.happenings if asked.day(h.at) <= asked.day(at)]
    found = Ask({"it": definition}, LocalStore.of_table(table(asked.happenings)), scope).answer(
        "it"
    )
    wanted = speed.outages(definition, replace(asked, happenings=known), at)
    assert values(found) == [None if v is None else pytest.approx(v) for v in wanted]
