"""What customers bought and held through every store, against the plain loops."""

from __future__ import annotations

from datetime import date

from hypothesis import given

from headway.engine.kinds.movement import Movement
from headway.engine.kinds.sum import Sum
from tests.engine.reference import Question
from tests.engine.test_customers import HELD, SUMS, buying_agrees, holding_agrees, questions
from tests.engine.worlds import table
from tests.stores.conformance.conftest import Opener
from tests.stores.conformance.test_random import few


@few
@given(buying=SUMS, holding=HELD, question=questions())
def test_the_reference(
    buying: Sum, holding: Movement, question: tuple[Question, date], opened: Opener
) -> None:
    with opened(table(question[0].happenings)) as store:
        buying_agrees(store, buying, *question)
        holding_agrees(store, holding, *question)
