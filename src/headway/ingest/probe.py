"""One look at a warehouse: which of its days are not as they were at the last one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from headway.engine.errors import HeadwayError, StoreError
from headway.engine.event import MARKERS
from headway.engine.period import Calendar, day_number
from headway.engine.selection import Match, Span
from headway.engine.statistics import Cells
from headway.ingest.changes import Changed, mark_changed, record_of
from headway.ingest.days import DAY, learnt_gap, runs
from headway.ingest.definition import SourceDefinition
from headway.ingest.manifest.exchange import Exchange, expected
from headway.ingest.models import Fingerprint, Source
from headway.ingest.opening import opened
from headway.stores.mapped import Extent, Warehouse

NAMES_KEPT = 1000
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Glance:
    """What a table shows before anything is kept of it."""

    problems: tuple[str, ...] = ()
    extent: Extent | None = None
    names: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Look:
    """What a warehouse shows. `rows` and `markers` are those of the days that changed."""

    extent: Extent
    names: tuple[tuple[str, int], ...]
    identities: str
    fingerprints: Mapping[date, str]
    rows: Mapping[date, int]
    markers: Mapping[date, int]


def glance(definition: SourceDefinition) -> Glance:
    """Tries the connection; nothing is raised and nothing is written down."""
    try:
        with expected(definition.key), closing(opened(definition)) as warehouse:
            if problems := warehouse.problems():
                return Glance(tuple(problems))
            return Glance((), warehouse.extent(), tuple(warehouse.names))
    except HeadwayError as error:
        return Glance((told(error),))


def told(error: HeadwayError) -> str:
    """Where it is said, everybody knows which source it is about."""
    return f"{error.message} {error.fix}".strip()


def probe(exchange: Exchange, *, now: datetime) -> None:
    """Looks at every warehouse whose time has come, and says what changed there.

    One that cannot be read has its problem written down; it holds nothing else up.
    """
    for source in exchange.warehouses.values():
        if source.due(now):
            probe_source(source, exchange, now=now)


def probe_source(source: Source, exchange: Exchange, *, now: datetime) -> None:
    try:
        with expected(source.key):
            look = _look(source, exchange.warehouse(source.key))
    except HeadwayError as error:
        _settle(source, None, told(error), now)
    else:
        _settle(source, look, "", now)


def _look(source: Source, warehouse: Warehouse) -> Look:
    """Raises StoreError with everything that stands in the way."""
    if problems := warehouse.problems():
        raise StoreError("\n".join(problems))
    found = warehouse.fingerprints()
    days = _differing(_known(source), found)
    return Look(
        extent=warehouse.extent(),
        names=tuple(warehouse.names[:NAMES_KEPT]),
        identities=warehouse.identities(),
        fingerprints=found,
        rows=_rows(source, warehouse, days, Match()),
        markers=_rows(source, warehouse, days, Match(MARKERS)),
    )


def _known(source: Source) -> dict[date, str]:
    return dict(source.fingerprints.values_list("day", "value"))


def _differing(before: Mapping[date, str], after: Mapping[date, str]) -> list[date]:
    """Days that came, went or are different."""
    return sorted(day for day in {*before, *after} if before.get(day) != after.get(day))


def _rows(source: Source, warehouse: Warehouse, days: list[date], match: Match) -> dict[date, int]:
    if not days:
        return {}
    span = Span(Calendar(), day_number(days[0]), day_number(days[-1]) + 1, source.key)
    found = warehouse.run(Cells(span, match, None)).to_pylist()
    return {EPOCH + row["d"] * DAY: row["events"] for row in found}


def _settle(source: Source, look: Look | None, problem: str, now: datetime) -> None:
    """Writes down what was seen. `source` is as fresh as its row afterwards."""
    with transaction.atomic():
        row = Source.objects.select_for_update().get(pk=source.pk)
        if row.body == source.body:
            if look:
                _take(row, look)
            if bool(row.problem) != bool(problem):
                record_of(row, "problem", before=row.problem, after=problem, by=None, now=now)
            row.problem, row.probed_at = problem, now
            row.save()
    source.refresh_from_db()


def _take(source: Source, look: Look) -> None:
    days = _differing(_known(source), look.fingerprints)
    mark_changed(source, (Changed(*stretch) for stretch in _touched(source, look, days)))
    gone = [day for day in days if day not in look.fingerprints]
    source.fingerprints.filter(day__in=gone).delete()
    Fingerprint.objects.bulk_create(
        (_row(source, look, day) for day in days if day in look.fingerprints),
        update_conflicts=True,
        unique_fields=["source", "day"],
        update_fields=["value", "rows", "markers"],
        batch_size=500,
    )
    source.first_event_at, source.last_event_at = look.extent.first_at, look.extent.last_at
    source.rows = look.extent.rows
    source.learnt_gap_days = learnt_gap(look.fingerprints)
    source.names = [list(item) for item in look.names]
    source.identities = look.identities


def _row(source: Source, look: Look, day: date) -> Fingerprint:
    markers = look.markers.get(day, 0)
    rows = look.rows.get(day, 0) + markers
    value = look.fingerprints[day]
    return Fingerprint(source=source, day=day, value=value, rows=rows, markers=markers)


def _touched(source: Source, look: Look, days: list[date]) -> list[tuple[date, date]]:
    """Stretches of days: changed ones, those that traits hold for, or all where other ids are
    joined.
    """
    every = sorted({*days, *look.fingerprints})
    if source.identities != look.identities:
        return [(every[0], every[-1])] if every else []
    stretches = runs(days)
    if said := _says_who(source, look, days):
        stretches.append((said, every[-1]))
    return stretches


def _says_who(source: Source, look: Look, days: list[date]) -> date | None:
    """The first changed day on which traits were said, then or now: they hold from there on."""
    said = set(source.fingerprints.filter(markers__gt=0).values_list("day", flat=True))
    return next((day for day in days if day in said or look.markers.get(day)), None)
