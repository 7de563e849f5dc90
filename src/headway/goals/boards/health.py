"""How several KPIs are together. What is unknown is never healthy, and never a 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from headway.metrics.reading import Health as Word
from headway.metrics.reading import Tile


@dataclass(frozen=True, slots=True)
class Health:
    """Counts of KPIs by their health; `bare` have no healthy range."""

    healthy: int
    out: int
    unknown: int
    bare: int

    @staticmethod
    def of(tiles: Iterable[Tile]) -> Health:
        words = [tile.health for tile in tiles]
        return Health(
            words.count("healthy"),
            words.count("out of range"),
            words.count("unknown"),
            words.count("no range"),
        )

    @property
    def word(self) -> Word:
        """One out of range is enough; healthy only where all that have a range are known."""
        if self.out:
            return "out of range"
        if self.unknown:
            return "unknown"
        return "healthy" if self.healthy else "no range"

    @property
    def words(self) -> str:
        """`2 of 5 out of range, 1 unknown`."""
        judged = self.healthy + self.out + self.unknown
        if not judged:
            return "no KPI with a healthy range"
        said = [f"{self.out} of {judged} out of range" if self.out else ""]
        said.append(f"{self.unknown} unknown" if self.unknown else "")
        return ", ".join(filter(None, said)) or f"all {judged} healthy"
