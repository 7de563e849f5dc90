"""A difference between before and after counts when it is beyond the usual ups and downs."""

from __future__ import annotations

import random

import pytest

from headway.stats.shift import shift


def test_a_jump_beyond_the_noise_is_clear() -> None:
    found = shift([10, 11, 9, 10], [14, 15, 13])
    assert found is not None
    assert (found.before, found.after, found.difference) == (10, 14, 4)
    assert found.clear


def test_the_margin_is_welchs() -> None:
    """Worked by hand: variances 1 and 4 of four values each, 4.4 degrees of freedom."""
    found = shift([9, 10, 10, 11], [8, 10, 10, 12])
    assert found is not None
    assert found.margin == pytest.approx(2.78 * (2 / 3 / 4 + 8 / 3 / 4) ** 0.5)
    assert not found.clear


def test_values_that_never_change_are_clear_once_they_do() -> None:
    same, other = shift([5] * 3, [5] * 3), shift([5] * 3, [6] * 3)
    assert same is not None
    assert other is not None
    assert not same.clear
    assert other.clear


def test_two_values_tell_nothing() -> None:
    assert shift([1, 2], [3, 4, 5]) is None
    assert shift([1, 2, 3], [4]) is None


def test_noise_alone_is_rarely_called_a_move() -> None:
    draw = random.Random(7)  # noqa: S311 - a simulation
    found = [
        shift([draw.gauss(0, 1) for _ in range(8)], [draw.gauss(0, 1) for _ in range(4)])
        for _ in range(2000)
    ]
    assert 0.03 < sum(s.clear for s in found if s) / len(found) < 0.07
