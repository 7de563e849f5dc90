"""What happened, in a chart: a dashed line for a day, a band for a range, and what they are called.

Where there is room the name stands beside the line; otherwise the number by which the list under
the chart has it. Those too near to each other share one: `2–4`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from headway.charts.colours import PAPER, SOFT
from headway.charts.picture import Flag, Picture

Spec = dict[str, Any]
Group = tuple[int, int]
"""The numbers of the first and the last flag that share a label."""

AXIS = 60
"""So many pixels of a picture's width are beside its lines."""
LETTER = 6.6
LONGEST = "11–12"

AT: Spec = {"field": "day", "type": "temporal"}


def midnight(day: date) -> str:
    """With a time, so that Vega reads local midnight instead of UTC's."""
    return f"{day.isoformat()}T00:00:00"


def bands(picture: Picture) -> list[Spec]:
    """The days of what took several, behind everything else."""
    ranges = [f for f in picture.flags if f.last and f.last > f.day]
    if not ranges:
        return []
    end = {"field": "end", "type": "temporal"}
    return [
        {
            "data": {"values": [_row(f) for f in ranges]},
            "mark": {"type": "rect", "color": SOFT, "opacity": 0.1},
            "encoding": {"x": AT, "x2": end},
        }
    ]


def rules(picture: Picture) -> list[Spec]:
    if not picture.flags:
        return []
    return [
        {
            "data": {"values": [_row(f) for f in picture.flags]},
            "mark": {"type": "rule", "color": SOFT, "strokeDash": [2, 2]},
            "encoding": {"x": AT},
        }
    ]


def words(picture: Picture, width: int) -> list[Spec]:
    """Drawn last; a halo keeps them readable where a line passes."""
    edge = float(width - AXIS)
    places = _places(picture, edge)
    flags = picture.flags
    found: list[Spec] = []
    for n, (first, last) in enumerate(groups := _groups(places, edge)):
        end = places[groups[n + 1][0]] if n + 1 < len(groups) else edge
        text = _text(flags, first, last, end - places[last])
        turned = end - places[first] < _length(text)
        found += _words({"day": midnight(flags[first].day), "label": text}, turned=turned)
    return found


def _row(flag: Flag) -> Spec:
    last = flag.last or flag.day
    return {"day": midnight(flag.day), "end": midnight(last + timedelta(days=1))}


def _places(picture: Picture, width: float) -> list[float]:
    """Of each flag, in pixels from the left."""
    if not picture.flags or not picture.ends:
        return [0.0 for _ in picture.flags]
    first = min(picture.ends[0], picture.flags[0].day)
    last = max(picture.ends[1], *((f.last or f.day) for f in picture.flags))
    days = max((last - first).days, 1)
    return [(f.day - first).days / days * width for f in picture.flags]


def _groups(places: Sequence[float], edge: float) -> list[Group]:
    """Labels that would go beyond the edge stand on the left of their lines."""
    longest = _length(LONGEST)
    begins = [p - longest if p > edge - longest else p for p in places]
    found: list[Group] = []
    for n, place in enumerate(begins):
        if found and place - begins[found[-1][0]] < _length(_numbers(*found[-1])):
            found[-1] = found[-1][0], n
        else:
            found.append((n, n))
    return found


def _text(flags: Sequence[Flag], first: int, last: int, room: float) -> str:
    number, label = _numbers(first, last), flags[first].label
    name = label if len(flags) == 1 else f"{number} {label}"
    return name if first == last and _length(name) < room else number


def _numbers(first: int, last: int) -> str:
    return f"{first + 1}–{last + 1}" if first != last else str(first + 1)


def _length(text: str) -> float:
    """In pixels, with what is beside it."""
    return len(text) * LETTER + 8


def _words(row: Spec, *, turned: bool) -> list[Spec]:
    at: Spec = {"type": "text", "y": 9, "fontSize": 12}
    at |= {"align": "right", "dx": -4} if turned else {"align": "left", "dx": 4}
    halo = {"color": PAPER, "stroke": PAPER, "strokeWidth": 3, "strokeJoin": "round"}
    return [
        {
            "data": {"values": [row]},
            "mark": at | look,
            "encoding": {"x": AT, "text": {"field": "label"}},
        }
        for look in (halo, {"color": SOFT})
    ]
