"""What happened around a metric, as marks in its picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from headway.charts import formats
from headway.charts.picture import Flag, Picture
from headway.metrics.happened.annotations import subject
from headway.metrics.models import Annotation


def marked(picture: Picture, rows: Iterable[Annotation], end: date) -> Picture:
    """The picture with a flag for each of the rows, oldest first, that its days take in.

    `end` is the day after the last that the picture tells of.
    """
    if not picture.ends:
        return picture
    first, last = picture.ends[0], end - timedelta(days=1)
    shown = (row for row in rows if row.last >= first and row.starts <= last)
    flags = [*picture.flags, *(_flag(row, first, last) for row in shown)]
    return replace(picture, flags=tuple(sorted(flags, key=lambda flag: flag.day)))


def _flag(row: Annotation, first: date, last: date) -> Flag:
    """Cut to the days of the picture; its words have the true ones."""
    words = f"{row.get_kind_display()}, {formats.days(row.starts, row.last)}"
    return Flag(max(row.starts, first), row.title, min(row.last, last), words, subject(row))
