"""How large a number may be that somebody types."""

from __future__ import annotations

LARGEST = 1e15
"""Up to here whole numbers are exact, and whatever is reckoned from a few of them stays finite."""


def usable(value: float) -> bool:
    """Not for what is no number, or beyond every number that people measure."""
    return abs(value) <= LARGEST
