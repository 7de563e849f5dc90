"""What is to come, in a chart: the middle of a forecast, and the cone that it will hardly leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from headway.charts.colours import SERIES
from headway.charts.flags import midnight
from headway.charts.picture import Expected, Picture

Spec = dict[str, Any]
AT: Spec = {"field": "day", "type": "temporal"}


def layers(picture: Picture, y: Spec) -> list[Spec]:
    """It opens at the last known point; `y` is how the picture draws heights."""
    if not picture.ahead:
        return []
    data = {"values": [_row(e) for e in _opened(picture)]}
    area = {"type": "area", "color": SERIES[0], "opacity": 0.16}
    line = {"type": "line", "color": SERIES[0], "strokeWidth": 1.5, "opacity": 0.7}
    return [
        {"data": data, "mark": area, "encoding": {
            "x": AT, "y": y | {"field": "low"}, "y2": {"field": "high"},
        }},
        {"data": data, "mark": line, "encoding": {"x": AT, "y": y | {"field": "middle"}}},
    ]  # fmt: skip


def _opened(picture: Picture) -> Sequence[Expected]:
    first = picture.ahead[0].day
    known = [d for d in picture.dots if d.complete and d.value is not None and d.day < first]
    if not known or known[-1].value is None:
        return picture.ahead
    value = known[-1].value
    return [Expected(known[-1].day, value, value, value), *picture.ahead]


def _row(expected: Expected) -> Spec:
    return {
        "day": midnight(expected.day),
        "middle": expected.middle,
        "low": expected.low,
        "high": expected.high,
    }
