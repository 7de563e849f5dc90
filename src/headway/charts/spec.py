"""A picture as a Vega-Lite specification."""

from __future__ import annotations

from datetime import date
from typing import Any

from headway.charts.colours import INK, LINE, SERIES, SOFT
from headway.charts.picture import Dot, Level, Picture

Spec = dict[str, Any]
"""A Vega-Lite specification, or a part of one."""

SIZES = {"wide": (860, 280), "narrow": (350, 230)}
MANY = 62
"""From so many dots a line on, they are too dense to draw; they stay to be pointed at."""


def spec(picture: Picture, size: str = "wide") -> Spec:
    """Raises KeyError for a size that is not in SIZES."""
    width, height = SIZES[size]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 2, "right": 10, "top": 6, "bottom": 2},
        "description": picture.summary,
        "background": None,
        "config": _config(),
        "layer": _layers(picture, size),
    }


def _config() -> Spec:
    quiet: Spec = {"labelColor": SOFT, "titleColor": SOFT, "labelFontSize": 12, "titleFontSize": 12}
    return {
        "font": "sans-serif",
        "view": {"stroke": None},
        "axis": {
            **quiet,
            "domain": False,
            "ticks": False,
            "gridColor": LINE,
            "titleFontWeight": 400,
        },
        "legend": {**quiet, "orient": "top", "title": None, "symbolType": "stroke", "offset": 22},
    }


def _layers(picture: Picture, size: str) -> list[Spec]:
    layers = [
        _band(picture),
        *_levels(picture),
        *_slopes(picture),
        *_flags(picture),
        _line(picture, size),
        _open(picture, size),
        _dots(picture, size),
    ]
    return [layer for layer in layers if layer]


def _x(size: str) -> Spec:
    ticks = 10 if size == "wide" else 4
    axis: Spec = {
        "title": None,
        "grid": False,
        "labelPadding": 8,
        "tickCount": ticks,
        "labelFlush": True,
    }
    axis |= {"labelOverlap": "greedy", "labelSeparation": 10}
    return {"field": "day", "type": "temporal", "axis": axis}


def _y(picture: Picture, field: str = "value") -> Spec:
    axis: Spec = {"title": picture.unit or None, "tickCount": 5, "labelPadding": 8}
    axis |= {"titleAlign": "left", "titleAngle": 0, "titleAnchor": "end", "titleY": -8, "titleX": 0}
    axis |= _format(picture)
    return {
        "field": field,
        "type": "quantitative",
        "axis": axis,
        "scale": {"zero": _from_zero(picture), "nice": True},
    }


def _from_zero(picture: Picture) -> bool:
    """Zero belongs to the axis unless the values move in a narrow strip far above it."""
    values = [d.value for d in picture.dots if d.value is not None]
    values += [level.value for level in picture.levels]
    return not values or min(values) <= 0 or min(values) < 0.6 * max(values)


def _format(picture: Picture) -> Spec:
    largest = max((abs(d.value) for d in picture.dots if d.value is not None), default=0.0)
    if picture.scale == "percent":
        return {"format": ".0%" if largest > 0.05 else ".1%"}
    if picture.scale in ("seconds", "milliseconds"):
        return {"labelExpr": _duration(largest, 1 if picture.scale == "seconds" else 1000)}
    if largest >= 100_000:
        return {"format": "~s"}
    return {"labelExpr": "replace(format(datum.value, ',~r'), regexp(',', 'g'), '\u202f')"}


def _duration(largest: float, per_second: int) -> str:
    for unit, seconds in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        if largest >= 2 * seconds * per_second:
            return f"format(datum.value / {seconds * per_second}, '~r') + ' {unit}'"
    return f"format(datum.value * {1000 / per_second:g}, '~r') + ' ms'"


def _colour(picture: Picture) -> Spec:
    segments = picture.segments
    if len(segments) < 2:
        return {"value": SERIES[0]}
    scale = {
        "domain": list(segments),
        "range": [SERIES[i % len(SERIES)] for i in range(len(segments))],
    }
    return {"field": "segment", "type": "nominal", "scale": scale}


def _row(dot: Dot) -> Spec:
    return {
        "day": _day(dot.day),
        "value": dot.value,
        "segment": dot.segment,
        "label": dot.label,
        "low": dot.low,
        "high": dot.high,
        "open": not dot.complete,
    }


def _day(day: date) -> str:
    """With a time, so that Vega reads local midnight instead of UTC's."""
    return f"{day.isoformat()}T00:00:00"


def _rows(dots: list[Dot]) -> Spec:
    return {"values": [_row(d) for d in dots]}


def _line(picture: Picture, size: str) -> Spec:
    return {
        "data": _rows([d for d in picture.dots if d.complete]),
        "mark": {
            "type": "line",
            "strokeWidth": 2,
            "strokeJoin": "round",
            "invalid": "break-paths-show-path-domains",
        },
        "encoding": {"x": _x(size), "y": _y(picture), "color": _colour(picture)},
    }


def _open(picture: Picture, size: str) -> Spec | None:
    """The incomplete periods, dashed, joined to the last complete one."""
    dots = [
        d for s in picture.segments for d in _open_end([d for d in picture.dots if d.segment == s])
    ]
    if not dots:
        return None
    return {
        "data": _rows(dots),
        "mark": {"type": "line", "strokeWidth": 2, "strokeDash": [2, 4], "strokeCap": "round"},
        "encoding": {"x": _x(size), "y": _y(picture), "color": _colour(picture)},
    }


def _open_end(dots: list[Dot]) -> list[Dot]:
    done = [i for i, d in enumerate(dots) if d.complete and d.value is not None]
    if len(done) == len(dots):
        return []
    return [d for d in dots[done[-1] if done else 0 :] if d.value is not None]


def _dots(picture: Picture, size: str) -> Spec:
    dense = len(picture.dots) / max(1, len(picture.segments)) > MANY
    return {
        "data": _rows([d for d in picture.dots if d.value is not None]),
        "mark": {"type": "point", "filled": True, "size": 26, "opacity": 0 if dense else 1},
        "encoding": {
            "x": _x(size),
            "y": _y(picture),
            "color": _colour(picture),
            "description": {"field": "label"},
        },
    }


def _band(picture: Picture) -> Spec | None:
    """The 95 % interval, where the kind has one; with several lines it would only blur them."""
    dots = [d for d in picture.dots if d.low is not None and d.high is not None]
    if not dots or len(picture.segments) > 1:
        return None
    return {
        "data": _rows(dots),
        "mark": {"type": "area", "color": SERIES[0], "opacity": 0.12},
        "encoding": {
            "x": {"field": "day", "type": "temporal"},
            "y": _y(picture, "low"),
            "y2": {"field": "high"},
        },
    }


def _levels(picture: Picture) -> list[Spec]:
    return [layer for level in picture.levels for layer in _level(level, _y(picture))]


def _level(level: Level, y: Spec) -> list[Spec]:
    """A line seldom starts at its target or ends at its baseline: there the words have room."""
    aim = level.role == "target"
    data = {"values": [{"value": level.value, "label": level.label}]}
    rule = {"type": "rule", "color": INK if aim else SOFT, "strokeDash": [] if aim else [4, 4]}
    words = {
        "type": "text",
        "x": 4 if aim else "width",
        "align": "left" if aim else "right",
        "baseline": "bottom",
        "dy": -4,
        "color": INK if aim else SOFT,
        "fontSize": 12,
    }
    return [
        {"data": data, "mark": rule, "encoding": {"y": y}},
        {"data": data, "mark": words, "encoding": {"y": y, "text": {"field": "label"}}},
    ]


def _slopes(picture: Picture) -> list[Spec]:
    return [
        {
            "data": {
                "values": [
                    {"day": _day(slope.start), "value": slope.start_value},
                    {"day": _day(slope.end), "value": slope.end_value},
                ]
            },
            "mark": {"type": "line", "color": SOFT, "strokeWidth": 1.5, "strokeDash": [6, 4]},
            "encoding": {"x": {"field": "day", "type": "temporal"}, "y": _y(picture)},
        }
        for slope in picture.slopes
    ]


def _flags(picture: Picture) -> list[Spec]:
    if not picture.flags:
        return []
    data = {"values": [{"day": _day(f.day), "label": f.label} for f in picture.flags]}
    at = {"field": "day", "type": "temporal"}
    words = {"type": "text", "align": "left", "dx": 4, "y": 6, "color": SOFT, "fontSize": 12}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": SOFT, "strokeDash": [2, 2]},
            "encoding": {"x": at},
        },
        {"data": data, "mark": words, "encoding": {"x": at, "text": {"field": "label"}}},
    ]
