"""What Headway sets itself, as ratios within one run, and whether it is so."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.rounds import Result

MEMORY = 2e9
EXPONENT = 1.05
Pace = tuple[int, float]
"""Events, and the seconds that the first board took."""


@dataclass(frozen=True)
class Target:
    """`limit` is to be reached at most, or at least; `value` is None where nothing was measured.

    A peer that was ended took longer than `value` says.
    """

    what: str
    limit: float
    value: float | None
    at_most: bool = True
    open_ended: bool = False
    unit: str = "×"

    @property
    def verdict(self) -> str:
        if self.value is None:
            return "not measured"
        if self.value <= self.limit if self.at_most else self.value >= self.limit:
            return "met"
        if self.open_ended:
            return "open: the peer was ended"
        short = self.value / self.limit if self.at_most else self.limit / self.value
        return f"missed by a factor of {short:.2f}"


def targets(
    results: Mapping[str, Result], patience: float | None, paces: list[Pace]
) -> Iterator[Target]:
    ours = results.get("headway", Result())
    cold, warm = ours.phase("cold"), ours.phase("warm")
    scan = results.get("scan", Result()).phase("board")
    for what, limit, seconds in (
        ("first board, with all that is built for it, to the bare scan", 4, cold),
        ("board from a warm store, to the bare scan", 0.7, warm),
        ("a new day, written and answered, to the bare scan", 0.1, ours.phase("new day")),
        ("a new funnel with two filters from a warm store, to the bare scan", 0.5,
         ours.phase("ad hoc")),
    ):  # fmt: skip
        yield Target(what, limit, _ratio(seconds, scan))
    for name, title, first, again in (
        ("clickhouse", "ClickHouse queries", 40, 200),
        ("duckdb", "semantic-layer SQL", 90, 500),
    ):
        peer = results.get(name, Result())
        taken = _taken(peer, patience)
        for when, limit, seconds in (("first", first, cold), ("warm", again, warm)):
            ratio = _ratio(taken, seconds)
            what = f"{title}, to the {when} board"
            yield Target(what, limit, ratio, at_most=False, open_ended=peer.late)
    yield Target("peak memory", MEMORY / 1e9, ours.peak / 1e9 or None, unit="GB")
    yield Target("growth of the first board with the events", EXPONENT, _exponent(paces), unit="")


def _taken(peer: Result, patience: float | None) -> float | None:
    """Seconds of its queries alone; as long as it was waited for if it was ended."""
    if peer.late:
        return patience
    return None if peer.ended else peer.phase("board")


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above and below else None


def _exponent(paces: list[Pace]) -> float | None:
    """Between the smallest and the largest number of events measured here so far."""
    if len(paces) < 2:
        return None
    (few, quick), (many, slow) = min(paces), max(paces)
    return math.log(slow / quick) / math.log(many / few)
