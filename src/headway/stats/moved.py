"""What moved it: parts of a change, largest first, and which are more than the usual noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

from scipy.stats import t as student

from headway.stats.drivers import Part, Split

Verdict = Literal["beyond noise", "within noise", "cannot tell"]

FEWEST = 6
"""Earlier changes from which the usual size of a part is known."""


@dataclass(frozen=True, slots=True)
class Mover:
    """`low` and `high`: where 19 of 20 of its shares lie while nothing happens; None if unknown."""

    part: Part
    low: float | None
    high: float | None
    verdict: Verdict
    reason: str = ""


def movers(now: Split, earlier: Sequence[Split]) -> tuple[Mover, ...]:
    """Largest share first. `earlier` are the splits of the changes before, in the same unit.

    As several parts are judged, each is held to a level that is right for all of them.
    """
    level = 1 - 0.05 / max(len(now.parts), 1)
    return tuple(_mover(part, earlier, level) for part in now.largest_first)


def whole(now: Split, earlier: Sequence[Split]) -> Verdict:
    """Whether the change itself is beyond what it usually is from period to period."""
    usual = [split.change for split in earlier if split.change is not None]
    if now.change is None or len(usual) < FEWEST:
        return "cannot tell"
    low, high = _range(usual, 0.95)
    return "within noise" if low <= now.change <= high else "beyond noise"


def _mover(part: Part, earlier: Sequence[Split], level: float) -> Mover:
    usual = [p.share for split in earlier for p in split.parts if p.name == part.name]
    if len(usual) < FEWEST:
        reason = f"{len(usual)} earlier changes are known; {FEWEST} are the least."
        return Mover(part, None, None, "cannot tell", reason)
    low, high = _range(usual, level)
    verdict: Verdict = "within noise" if low <= part.share <= high else "beyond noise"
    return Mover(part, low, high, verdict)


def _range(usual: Sequence[float], level: float) -> tuple[float, float]:
    """Where the next one lies, if it is drawn like those before."""
    n = len(usual)
    half = float(student.ppf((1 + level) / 2, n - 1)) * stdev(usual) * (1 + 1 / n) ** 0.5
    return fmean(usual) - half, fmean(usual) + half
