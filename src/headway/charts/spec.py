"""A picture as a Vega-Lite specification."""

from __future__ import annotations

from datetime import date
from typing import Any

from headway.charts import cone, flags, levels, ticks
from headway.charts.colours import LINE, SERIES, SOFT
from headway.charts.flags import midnight
from headway.charts.picture import Dot, Picture

Spec = dict[str, Any]
"""A Vega-Lite specification, or a part of one."""

SIZES = {"wide": (860, 280), "narrow": (350, 230)}
GAPS = "break-paths-show-path-domains"
"""What Vega-Lite calls a line that breaks off where nothing is known, instead of bridging it."""

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
        "legend": {**quiet, "orient": "top", "title": None, "symbolType": "stroke", "offset": 30},
    }


def _layers(picture: Picture, size: str) -> list[Spec]:
    layers = [
        *flags.bands(picture),
        _band(picture),
        *cone.layers(picture, _y(picture)),
        *levels.rules(picture, _y(picture)),
        *_slopes(picture),
        *flags.rules(picture),
        _line(picture, size),
        _open(picture, size),
        _dots(picture, size),
        *levels.words(picture, _y(picture), size, SIZES[size][1]),
        *flags.words(picture, SIZES[size][0]),
    ]
    return [layer for layer in layers if layer]


def _x(picture: Picture, size: str) -> Spec:
    axis: Spec = {
        "title": None,
        "grid": False,
        "labelPadding": 8,
        "tickCount": 10 if size == "wide" else 4,
        "labelFlush": True,
        "labelExpr": _when(picture.days),
    }
    axis |= {"labelOverlap": "greedy", "labelSeparation": 10}
    return {"field": "day", "type": "temporal", "axis": axis}


def _y(picture: Picture, field: str = "value") -> Spec:
    axis: Spec = {"title": picture.unit or None, "tickCount": 5, "labelPadding": 8}
    axis |= {"titleAlign": "left", "titleAngle": 0, "titleAnchor": "end"}
    axis |= {"titleX": 0, "titleY": -14}
    axis |= _format(picture)
    return {
        "field": field,
        "type": "quantitative",
        "axis": axis,
        "scale": _scale(picture),
    }


def _when(days: int) -> str:
    """Days as `4 Oct`; months by name, and January by its year; of many years only these."""
    if days <= 150:
        return "timeFormat(datum.value, '%-d %b')"
    if days <= 1200:
        return "timeFormat(datum.value, month(datum.value) ? '%b' : '%Y')"
    return "timeFormat(datum.value, '%Y')"


def _format(picture: Picture) -> Spec:
    low, high = picture.reach
    largest = max(abs(low), abs(high))
    if picture.scale == "percent":
        return {"format": ".0%" if high - low > 0.05 else ".1%"}
    if picture.scale in ("seconds", "milliseconds"):
        return _duration(picture)
    if largest >= 100_000:
        return {"labelExpr": "datum.value ? format(datum.value, '~s') : '0'"}
    return {"labelExpr": "replace(format(datum.value, ',~r'), regexp(',', 'g'), '\u202f')"}


def _duration(picture: Picture) -> Spec:
    per_second = _per_second(picture)
    places = _places(picture)
    unit, seconds = ticks.unit_of(places)
    label = f"format(datum.value / {seconds * per_second:.12g}, ',~r') + ' {unit}'"
    return {"values": [place * per_second for place in places], "labelExpr": label}


def _places(picture: Picture) -> list[float]:
    low, high = picture.reach
    return ticks.durations(low / _per_second(picture), high / _per_second(picture))


def _per_second(picture: Picture) -> int:
    return 1000 if picture.scale == "milliseconds" else 1


def _scale(picture: Picture) -> Spec:
    if picture.scale in ("seconds", "milliseconds"):
        places = _places(picture)
        return {"domain": [p * _per_second(picture) for p in (places[0], places[-1])]}
    return {"zero": picture.from_zero, "nice": True}


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
        "day": midnight(dot.day),
        "value": dot.value,
        "segment": dot.segment,
        "label": dot.label,
        "low": dot.low,
        "high": dot.high,
        "open": not dot.complete,
    }


def _rows(dots: list[Dot]) -> Spec:
    return {"values": [_row(d) for d in dots]}


def _line(picture: Picture, size: str) -> Spec:
    return {
        "data": _rows([d for d in picture.dots if d.complete]),
        "mark": {
            "type": "line",
            "strokeWidth": 2,
            "strokeJoin": "round",
            "invalid": GAPS,
        },
        "encoding": {"x": _x(picture, size), "y": _y(picture), "color": _colour(picture)},
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
        "mark": {
            "type": "line",
            "strokeWidth": 2,
            "strokeDash": [2, 4],
            "strokeCap": "round",
            "invalid": GAPS,
        },
        "encoding": {"x": _x(picture, size), "y": _y(picture), "color": _colour(picture)},
    }


def _open_end(dots: list[Dot]) -> list[Dot]:
    done = [i for i, d in enumerate(dots) if d.complete and d.value is not None]
    if len(done) == len(dots):
        return []
    return dots[done[-1] if done else 0 :]


def _dots(picture: Picture, size: str) -> Spec:
    dense = len(picture.dots) / max(1, len(picture.segments)) > MANY
    return {
        "data": _rows([d for d in picture.dots if d.value is not None]),
        "mark": {"type": "point", "filled": True, "size": 26, "opacity": 0 if dense else 1},
        "encoding": {
            "x": _x(picture, size),
            "y": _y(picture),
            "color": _colour(picture),
            "description": {"field": "label"},
        },
    }


def _band(picture: Picture) -> Spec | None:
    """The 95 % interval, where the kind has one; with several lines it would only blur them."""
    some = any(d.low is not None and d.high is not None for d in picture.dots)
    if not some or len(picture.segments) > 1:
        return None
    return {
        "data": _rows(list(picture.dots)),
        "mark": {"type": "area", "color": SERIES[0], "opacity": 0.12, "invalid": GAPS},
        "encoding": {
            "x": {"field": "day", "type": "temporal"},
            "y": _y(picture, "low"),
            "y2": {"field": "high"},
        },
    }


def _slopes(picture: Picture) -> list[Spec]:
    """Slopes that go on where the one before ended are one line."""
    return [
        {
            "data": {"values": [{"day": midnight(day), "value": value} for day, value in line]},
            "mark": {"type": "line", "color": SOFT, "strokeWidth": 1.5, "strokeDash": [6, 4]},
            "encoding": {"x": {"field": "day", "type": "temporal"}, "y": _y(picture)},
        }
        for line in _lines(picture)
    ]


def _lines(picture: Picture) -> list[list[tuple[date, float]]]:
    found: list[list[tuple[date, float]]] = []
    for slope in picture.slopes:
        start, end = (slope.start, slope.start_value), (slope.end, slope.end_value)
        if found and found[-1][-1] == start:
            found[-1].append(end)
        else:
            found.append([start, end])
    return found
