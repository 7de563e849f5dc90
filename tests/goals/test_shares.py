"""Weights as shares: whatever is asked, they sum to the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.engine.errors import DefinitionError
from headway.goals.shares import balanced, shares, weight_of, whole_percents

WEIGHTS = st.lists(st.floats(0.01, 1000), min_size=1, max_size=12)


@given(WEIGHTS)
def test_whole_percents_sum_to_a_hundred_and_are_near(weights: list[float]) -> None:
    found = whole_percents(weights)
    assert sum(found) == 100
    exact = shares(weights)
    assert all(abs(f - 100 * e) < 1 for f, e in zip(found, exact, strict=True))


def test_thirds() -> None:
    assert whole_percents([1, 1, 1]) == [34, 33, 33]
    assert whole_percents([]) == []


@given(WEIGHTS, st.floats(0.01, 0.99))
def test_one_share_changes_and_the_others_keep_their_proportions(
    others: list[float], share: float
) -> None:
    found = shares([weight_of(share, others), *others])
    assert found[0] == pytest.approx(share)
    assert sum(found) == pytest.approx(1)
    assert found[1] / found[-1] == pytest.approx(others[0] / others[-1])


def test_shares_that_are_not_asked_for_share_the_rest() -> None:
    assert balanced([0.5, 0.3, 0.2], [None, 0.5, None]) == pytest.approx([5 / 14, 0.5, 2 / 14])
    assert balanced([0.5, 0.3, 0.2], [0.5, 0.5, 1 / 3]) == pytest.approx([0.375, 0.375, 0.25])
    assert balanced([1.0], [1.0]) == [1]
    assert weight_of(0.4, []) == 1


@pytest.mark.parametrize("asked", [[0.0, None], [1.0, None], [-0.1, None], [0.6, 0.4, None]])
def test_shares_that_leave_nothing_are_refused(asked: list[float | None]) -> None:
    with pytest.raises(DefinitionError):
        balanced([1 / len(asked)] * len(asked), asked)
