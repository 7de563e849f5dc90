"""The lines of a chart that hold for its whole range, with their words where nothing runs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from headway.charts.colours import INK, PAPER, SOFT
from headway.charts.picture import Level, Picture

Spec = dict[str, Any]

LINE = 16
"""So many pixels two labels keep between them."""


def rules(picture: Picture, y: Spec) -> list[Spec]:
    return [
        {
            "data": _data(level),
            "mark": {
                "type": "rule",
                "color": _colour(level),
                "strokeDash": [] if level.role == "target" else [4, 4],
            },
            "encoding": {"y": y},
        }
        for level in picture.levels
    ]


def words(picture: Picture, y: Spec, size: str, height: int) -> list[Spec]:
    """Drawn last. Inside a narrow chart a halo keeps them readable where the line passes."""
    place = _outside if size == "wide" else _inside
    close = _close(picture, height)
    ordered = sorted(picture.levels, key=lambda level: -level.value)
    return [
        _text(level, mark, y)
        for i, level in enumerate(ordered)
        for mark in place(level, lower=bool(i), close=close)
    ]


def _outside(level: Level, *, lower: bool, close: bool) -> list[Spec]:
    edge = ("top" if lower else "bottom") if close else "middle"
    return [{"x": "width", "dx": 8, "align": "left", "baseline": edge, "color": _colour(level)}]


def _inside(level: Level, *, lower: bool, close: bool) -> list[Spec]:
    below = lower and close
    at: Spec = {"x": "width", "align": "right", "baseline": "top" if below else "bottom"}
    at |= {"dy": 4 if below else -4}
    halo = {"color": PAPER, "stroke": PAPER, "strokeWidth": 4, "strokeJoin": "round"}
    return [at | halo, at | {"color": _colour(level)}]


def _text(level: Level, mark: Spec, y: Spec) -> Spec:
    return {
        "data": _data(level),
        "mark": {"type": "text", "fontSize": 12, **mark},
        "encoding": {"y": y, "text": {"field": "label"}},
    }


def _data(level: Level) -> Spec:
    return {"values": [{"value": level.value, "label": level.label}]}


def _colour(level: Level) -> str:
    return INK if level.role == "target" else SOFT


def _close(picture: Picture, height: int) -> bool:
    """Whether two labels would touch, judged by the range of all that is drawn."""
    values = sorted(level.value for level in picture.levels)
    low, high = picture.reach
    apart = [(b - a) / (high - low) * height for a, b in pairwise(values)]
    return min(apart, default=float(height)) < LINE
