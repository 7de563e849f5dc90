from __future__ import annotations

import pytest

from headway.charts.ticks import durations, unit_of


@pytest.mark.parametrize(
    ("low", "high", "ticks", "unit"),
    [
        (0, 2000, [0, 600, 1200, 1800, 2400], "min"),
        (0, 0.4, [0, 0.1, 0.2, 0.3, 0.4], "ms"),
        (300, 1810, [300, 600, 900, 1200, 1500, 1800, 2100], "min"),
        (0, 86_400 * 2.5, [0, 43_200, 86_400, 129_600, 172_800, 216_000], "h"),
        (0, 86_400 * 40, [86_400 * day for day in (0, 10, 20, 30, 40)], "d"),
        (5, 5, [5, 5.001], "ms"),
    ],
)
def test_time_is_marked_at_round_places(
    low: float, high: float, ticks: list[float], unit: str
) -> None:
    found = durations(low, high)
    assert found == pytest.approx(ticks)
    assert unit_of(found)[0] == unit
