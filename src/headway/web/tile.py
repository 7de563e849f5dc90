"""A metric on the board. Drawn once, it is kept for as long as all that it shows stays the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from headway.engine.series import Point
from headway.web import trail
from headway.web.context import Here
from headway.web.readings import Reading


@dataclass(frozen=True)
class Face:
    """Everything that a tile shows; the reading itself is only where the words come from."""

    url: str
    number_url: str
    name: str
    unit: str
    direction: str
    grain: str
    points: tuple[Point, ...]
    reason: str
    range_words: str
    health: str
    currency: str
    reading: Reading = field(compare=False)


def tile(here: Here, reading: Reading) -> SafeString:
    metric, latest = reading.metric, reading.latest
    start = latest.start if latest else None
    return _drawn(
        Face(
            url=here.url("kpi", metric.key),
            number_url=trail.address(here, "point", metric.key, reading.grain, start)
            if start
            else "",
            name=str(metric),
            unit=metric.unit,
            direction=metric.direction,
            grain=reading.grain,
            points=reading.points,
            reason=reading.reason,
            range_words=reading.range_words,
            health=reading.health,
            currency=reading.currency,
            reading=reading,
        )
    )


@lru_cache(maxsize=4096)
def _drawn(face: Face) -> SafeString:
    shown = {"face": face, "reading": face.reading, "currency": face.currency}
    return render_to_string("components/tile.html", shown)
