"""Round places on an axis of time spent: whole seconds, minutes, hours or days, never 33.3 min."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor

FEW = 6
"""An axis has about so many ticks at most."""

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
UNITS = (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", 1.0), ("ms", 0.001))
ROUND = {
    "ms": (1, 2, 5, 10, 20, 50, 100, 200, 500),
    "s": (1, 2, 5, 10, 15, 30),
    "min": (1, 2, 5, 10, 15, 30),
    "h": (1, 2, 3, 6, 12),
}


def durations(low: float, high: float) -> list[float]:
    """Seconds at which an axis from `low` to `high` seconds has its ticks; they enclose both."""
    step = next((s for s in _steps() if (high - low) / s < FEW), _days((high - low) / FEW))
    first, last = floor(low / step), max(ceil(high / step), floor(low / step) + 1)
    return [i * step for i in range(first, last + 1)]


def unit_of(ticks: list[float]) -> tuple[str, float]:
    """The largest unit, with its seconds, in which every tick is whole."""
    size = ticks[1] - ticks[0]
    return next((u for u in UNITS if not round(size % u[1], 9) % u[1]), UNITS[-1])


def _steps() -> Iterator[float]:
    sizes = dict(UNITS)
    yield from (count * sizes[unit] for unit, counts in ROUND.items() for count in counts)


def _days(least: float) -> float:
    """One, two or five times a power of ten of days, no less than `least` seconds."""
    size = DAY
    while True:
        for times in (1, 2, 5):
            if times * size >= least:
                return times * size
        size *= 10
