"""A word-sized line: plain SVG, coloured by the style sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

HEIGHT, INSET = 32, 3
WIDTHS = {"": 120, "broad": 600}
"""By style: as wide as a word, or as wide as a column."""

FLAT = 0.05
"""A line that moves by less than this share of its height is drawn as nearly flat."""

Mark = tuple[float | None, bool]
"""A value, and whether its period is complete."""

Span = tuple[float, float]


def sparkline(
    marks: Sequence[Mark],
    *,
    target: float | None = None,
    expected: Span | None = None,
    label: str = "",
    style: str = "",
) -> str:
    """Gaps where a value is unknown; the incomplete end is a line of its own (drawn dashed).

    `expected` is where the value should be at the first and at the last mark.
    """
    known = [value for value, _ in marks if value is not None]
    if len(known) < 2:
        return ""
    low, high = _range([*known, *(expected or ())], target)
    width = WIDTHS[style]
    step = (width - 2 * INSET) / (len(marks) - 1)
    places = [_place(i * step, value, low, high) for i, (value, _) in enumerate(marks)]
    done = sum(1 for _ in _leading_complete(marks))
    named = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    classes = f"sparkline {style}".strip()
    return (
        f'<svg class="{classes}" viewBox="0 0 {width} {HEIGHT}" {named}>'
        f"{_target(target, low, high, width)}{_expected(expected, low, high, width)}"
        f'<path class="spark-line" d="{_path(places[:done])}"/>'
        f'<path class="spark-open" d="{_path(places[max(done - 1, 0) :])}"/>'
        f"{_dot(places[:done])}</svg>"
    )


def _leading_complete(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Everything up to the last complete mark."""
    last = max((i for i, (_, complete) in enumerate(marks) if complete), default=-1)
    yield from marks[: last + 1]


def _range(known: Sequence[float], target: float | None) -> tuple[float, float]:
    """From the lowest to the highest, but never so near that a flat line looks wild."""
    reach = [*known, target] if target is not None else list(known)
    low, high = min(reach), max(reach)
    least = FLAT * max(abs(low), abs(high)) or 1.0
    spare = max(0.0, least - (high - low)) / 2
    return low - spare, high + spare


Place = tuple[float, float] | None


def _place(x: float, value: float | None, low: float, high: float) -> Place:
    return None if value is None else (INSET + x, _height(value, low, high))


def _height(value: float, low: float, high: float) -> float:
    return HEIGHT - INSET - (value - low) / (high - low) * (HEIGHT - 2 * INSET)


def _path(places: Sequence[Place]) -> str:
    """A value between two gaps is a dot: a line of no length with round ends."""
    found = ""
    for known, run in groupby(places, key=lambda place: place is not None):
        corners = [f"{place[0]:.1f} {place[1]:.1f}" for place in run if known and place]
        if corners:
            found += "M" + "L".join(corners) + ("h0" if len(corners) == 1 else "")
    return found


def _target(target: float | None, low: float, high: float, width: int) -> str:
    if target is None:
        return ""
    y = f"{_height(target, low, high):.1f}"
    return f'<path class="spark-target" d="M{INSET} {y}H{width - INSET}"/>'


def _expected(expected: Span | None, low: float, high: float, width: int) -> str:
    if expected is None:
        return ""
    start, end = (f"{_height(value, low, high):.1f}" for value in expected)
    return f'<path class="spark-target" d="M{INSET} {start}L{width - INSET} {end}"/>'


def _dot(places: Sequence[Place]) -> str:
    shown = [place for place in places if place]
    if not shown:
        return ""
    return f'<circle class="spark-dot" cx="{shown[-1][0]:.1f}" cy="{shown[-1][1]:.1f}" r="2"/>'
