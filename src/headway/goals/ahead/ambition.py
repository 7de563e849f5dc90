"""Three levels of ambition from a metric's own past: how far it moved before in such a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

FEWEST_MOVES = 6
"""Under this many past moves, "one time in three" says nothing."""

FEWEST_FOR_TENTHS = 10


@dataclass(frozen=True, slots=True)
class Past:
    """The moves over `length` periods that the past holds; above 0 is the better direction.

    They overlap, as one begins in each period.
    """

    moves: tuple[float, ...]
    length: int
    grain: str = "week"

    @staticmethod
    def of(values: Sequence[float | None], length: int, grain: str, *, up: bool) -> Past:
        sign = 1 if up else -1
        pairs = zip(values, values[length:], strict=False)
        moves = [sign * (b - a) for a, b in pairs if a is not None and b is not None]
        return Past(tuple(moves), length, grain)

    @property
    def span(self) -> str:
        return f"{self.length} {self.grain}{'s' if self.length > 1 else ''}"

    def chance(self, gain: float) -> float:
        """How often the past moved at least so far."""
        return sum(move >= gain for move in self.moves) / len(self.moves)

    def gain(self, level: str) -> float | None:
        """What it moved at `no change`, one time in three, or one time in ten; None: too short."""
        fewest = FEWEST_FOR_TENTHS if level == "bold" else FEWEST_MOVES
        if len(self.moves) < max(fewest, self.length):
            return None
        return GAINS[level](self.moves)


def _third(moves: Sequence[float]) -> float:
    return quantiles(moves, n=3, method="inclusive")[1]


def _tenth(moves: Sequence[float]) -> float:
    return quantiles(moves, n=10, method="inclusive")[8]


GAINS: dict[str, Callable[[Sequence[float]], float]] = {
    "no_change": median,
    "stretch": _third,
    "bold": _tenth,
}
NAMES = {
    "no_change": "As it has been going",
    "stretch": "A stretch: one time in three",
    "bold": "Bold: one time in ten",
}
