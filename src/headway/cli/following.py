"""A number followed down, as `headway show KEY --at DAY` prints it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from headway.charts import formats
from headway.cli.output import Row, say, show, show_json
from headway.cli.points import POINTS, point_row
from headway.cli.tables import Layout
from headway.engine.phrases import sentence

if TYPE_CHECKING:
    from headway.engine.evidence import Evidence, Selected
    from headway.metrics.evidence import Place

SHOWN = 10
"""So many subjects a table names; JSON names up to a hundred."""

SELECTIONS = Layout(flows=("which",), right=("events", "subjects"))


def show_number(place: Place, format: str, *, sql: bool = False) -> None:
    """As the operator, who may see people, and for as long as it takes. CSV prints selections."""
    from headway.engine.evidence import MOST
    from headway.metrics.evidence import followed

    examples = MOST if format == "json" else SHOWN if format == "table" else 0
    found = followed(place, by=None, now=datetime.now(UTC), examples=examples)
    if format == "json":
        show_json([one.to_dict() for one in found])
    elif format == "csv":
        show([row for one in found for row in _selections(one)], format=format)
    else:
        for one in found:
            _show(one, place, sql=sql)


def _show(found: Evidence, place: Place, *, sql: bool) -> None:
    currency, unit = place.metric.workspace.currency, found.definition.unit
    version = f", version {found.version}" if found.version else ""
    say(f"{click.style(found.name, bold=True)}{version}: {sentence(found.definition)}")
    row = point_row(found.point, lambda v: formats.value(v, unit, currency, exact=True))
    show([{**row, **_fraction(found)}], layout=POINTS)
    if found.selections:
        show(list(_selections(found)), layout=SELECTIONS)
    for one in found.selections:
        if one.examples:
            _subjects(one, place)
    for query in found.queries if sql else ():
        say(f"\n-- {query.dialect}, {formats.days(query.start, query.last)}\n{query.sql}")
    say("")


def _fraction(found: Evidence) -> Row:
    if found.point.denominator is None:
        return {}
    return {"numerator": found.point.numerator, "denominator": found.point.denominator}


def _selections(found: Evidence) -> Iterator[dict[str, Any]]:
    for one in found.selections:
        yield {
            "metric": found.name,
            "selection": one.name,
            "from": one.start.isoformat(),
            "through": one.last.isoformat(),
            "events": one.events,
            "subjects": one.subjects,
            "by": one.by,
            "which": one.words,
        }


def _subjects(found: Selected, place: Place) -> None:
    """With the times of the workspace."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(place.metric.workspace.timezone)
    rows = [
        {
            found.by: e.id,
            "events": e.events,
            "first": f"{e.first.astimezone(zone):%Y-%m-%d %H:%M}",
            "last": f"{e.last.astimezone(zone):%Y-%m-%d %H:%M}",
        }
        for e in found.examples
    ]
    left = found.subjects - len(rows)
    say(f"Of “{found.name}”, those seen last{f'; {left:,} more' if left else ''}:")
    show(rows)
