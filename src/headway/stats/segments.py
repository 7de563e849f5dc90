"""How much of a change each segment made.

Segments of a sum add up. Segments of a ratio Σ numerators / Σ denominators count by their share of
the denominator: part of a segment's effect is its own value, part how much it weighs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headway.engine.series import Point
from headway.stats.drivers import Method, Part, Split

CLOSE = 1e-6
SEVERAL = "in several segments"
NO_PARTS = (
    "Its segments do not add up to the whole: a median, for example, is not made of the medians "
    "of its parts."
)


@dataclass(frozen=True)
class Side:
    """One period: the point of everybody, and those of the segments that there were."""

    whole: Point
    segments: Mapping[str, Point]

    @property
    def values(self) -> dict[str, float]:
        return {name: p.value for name, p in self.segments.items() if p.value is not None}

    @property
    def total(self) -> float:
        return math.fsum(self.values.values())

    @property
    def sums(self) -> bool:
        """Whether the segments' values add up to the whole."""
        return _close(self.total, self.whole.value)

    @property
    def counts(self) -> bool:
        """Whether the value counts subjects, of whom one may be in several segments."""
        points = [self.whole, *self.segments.values()]
        return all(p.value is None or p.value == p.n for p in points)

    @property
    def divides(self) -> bool:
        """Whether numerators and denominators of the segments add up to those of the whole."""
        whole, parts = self.whole, list(self.segments.values())
        if not whole.denominator or whole.numerator is None or any(_undivided(p) for p in parts):
            return False
        above = math.fsum(p.numerator or 0.0 for p in parts)
        below = math.fsum(p.denominator or 0.0 for p in parts)
        scale = self.scale
        each = all(_close(_rate(p) * scale, p.value) for p in parts if p.denominator)
        return each and _close(above, whole.numerator) and _close(below, whole.denominator)

    @property
    def scale(self) -> float:
        """What the quotient is multiplied by to give the value: 100 for a score such as NPS."""
        rate = _rate(self.whole)
        return (self.whole.value or 0.0) / rate if rate else 1.0

    def weight(self, name: str) -> float:
        point = self.segments.get(name)
        below = point.denominator if point else None
        return (below or 0.0) / (self.whole.denominator or 1.0)


def by_segment(before: Side, after: Side) -> Split:
    """Largest and smallest parts together make exactly the change of the whole."""
    first, last = before.whole.value, after.whole.value
    if first is None or last is None:
        reason = before.whole.reason if first is None else after.whole.reason
        return Split(first, last, reason=reason)
    sides = (before, after)
    if all(side.sums for side in sides):
        return _split(first, last, _differences(before, after), "difference")
    if all(side.divides for side in sides):
        return _split(first, last, _weighted(before, after), "weights")
    if all(side.counts for side in sides):
        return _split(first, last, _overlapping(before, after), "difference")
    return Split(first, last, reason=NO_PARTS)


def _split(first: float, last: float, parts: Iterator[Part], method: Method) -> Split:
    return Split(first, last, tuple(parts), method)


def _differences(before: Side, after: Side) -> Iterator[Part]:
    first, last = before.values, after.values
    for name in dict.fromkeys([*last, *first]):
        share = last.get(name, 0.0) - first.get(name, 0.0)
        yield Part(name, first.get(name), last.get(name), share)


def _overlapping(before: Side, after: Side) -> Iterator[Part]:
    """Those in several segments are counted once in the whole."""
    yield from _differences(before, after)
    twice = [(side.whole.value or 0.0) - side.total for side in (before, after)]
    yield Part(SEVERAL, twice[0], twice[1], twice[1] - twice[0])


def _weighted(before: Side, after: Side) -> Iterator[Part]:
    """Each segment's weight × distance from the middle of both wholes; the rest is its own value.

    Σ (w₁r₁ − w₀r₀ − V̄ Δw) = V₁ − V₀, as weights add up to 1 on both sides.
    """
    middle = ((before.whole.value or 0.0) + (after.whole.value or 0.0)) / 2
    first, last = before.values, after.values
    for name in dict.fromkeys([*after.segments, *before.segments]):
        w0, w1 = before.weight(name), after.weight(name)
        r0, r1 = first.get(name), last.get(name)
        share = w1 * (r1 or 0.0) - w0 * (r0 or 0.0) - middle * (w1 - w0)
        own = 0.0 if r0 is None or r1 is None else (w0 + w1) / 2 * (r1 - r0)
        yield Part(name, r0, r1, share, own)


def _undivided(point: Point) -> bool:
    return point.value is not None and (point.numerator is None or not point.denominator)


def _rate(point: Point) -> float:
    return (point.numerator or 0.0) / point.denominator if point.denominator else 0.0


def _close(one: float, other: float | None) -> bool:
    return other is not None and math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)
