"""Brings both example workspaces in, on the ways that everybody's data take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from headway.accounts.models import Workspace
from headway.alerting.refresh import refresh as refresh_alerts
from headway.demo import closes, history, people, shipped
from headway.demo.calendar import filled
from headway.demo.parcel import Parcel, draw
from headway.demo.parcel.log import SCHEMA
from headway.engine.period import Calendar, Grain
from headway.engine.written import grouped
from headway.files.apply import apply
from headway.files.reading import reads
from headway.goals.ahead import prospects, seasons
from headway.goals.experiment.experiments import look
from headway.goals.launch.effects import reckon
from headway.goals.refresh import refresh as refresh_goals
from headway.ingest.actions import import_events
from headway.metrics.actions import enter_value
from headway.metrics.lifetime import lifetime
from headway.metrics.refresh import refresh as refresh_metrics
from headway.outlook.refresh import refresh as refresh_outlook

Say = Callable[[str], None]
CDNOW_END = date(1998, 7, 1)
DAY = timedelta(days=1)
STALE_AFTER = 2 * DAY
"""Beyond it Parcel's sources count as silent."""

COURIERS = ((150, 4), (95, 5), (40, 6), (12, 7))
"""Days before the end, and how many couriers were under contract then."""


@dataclass(frozen=True, slots=True)
class Step:
    """The events of one source, in files that exist only while they are read."""

    source: str
    path: Path


def load(*, now: datetime, events: int, say: Say) -> None:
    """Loads what is missing: a second run finds everything and returns at once."""
    people.ensure_people()
    _load_cdnow(now, say)
    _load_parcel(now, events, say)


def _load_cdnow(now: datetime, say: Say) -> None:
    if _is_complete("cdnow"):
        return
    workspace = _applied("cdnow", _text("cdnow.yml"), now)
    say("CDNOW: importing 69,659 real purchases")
    with as_file(files("headway.demo") / "cdnow.parquet") as path:
        _import(workspace, [Step("orders", path)], now)
    _refresh(workspace, now, say)
    history.tell(workspace, history.CDNOW, CDNOW_END)
    closes.look_back(workspace, now)
    _look_ahead(workspace, now)


def _load_parcel(now: datetime, events: int, say: Say) -> None:
    end = _end_of_parcel(now)
    if _is_complete("parcel"):
        _tell_age(end, now, say)
        return
    say(f"Parcel: generating about {grouped(events)} events up to {end - DAY}")
    drawn = draw(end=end, events=events)
    workspace = _applied("parcel", filled(_text("parcel.yml"), drawn.truth), _quarter(end, now))
    with _written(drawn) as steps:
        say("Parcel: importing them")
        _import(workspace, steps, now)
    _enter_couriers(workspace, end, now)
    _refresh(workspace, now, say)
    look(workspace, now=now)
    shipped.launch(workspace, end)
    reckon(workspace, now=now)
    history.tell(workspace, history.PARCEL, end)
    refresh_goals(workspace, now=now)
    _look_ahead(workspace, now)
    refresh_alerts(workspace, now=now)


def _is_complete(key: str) -> bool:
    """The check-ins come last."""
    return Workspace.objects.filter(
        key=key, objectives__key_results__check_ins__isnull=False
    ).exists()


def _tell_age(end: date, now: datetime, say: Say) -> None:
    if now.date() - end > STALE_AFTER:
        say(f"Parcel ended on {end - DAY}. For one that ends yesterday, start in a new folder.")


def _end_of_parcel(now: datetime) -> date:
    """The day after its last event, where a load was broken off; otherwise today."""
    calendar = Calendar("Europe/Berlin")
    there = Workspace.objects.filter(key="parcel").first()
    source = there.sources.filter(key="product", rows__gt=0).first() if there else None
    if source is not None and source.last_event_at:
        return calendar.day_of(source.last_event_at) + DAY
    return calendar.day_of(now)


def _quarter(end: date, now: datetime) -> datetime:
    """When the goals were written: as the last day's quarter began."""
    calendar = Calendar("Europe/Berlin")
    return min(calendar.instant(calendar.start_of(end - DAY, Grain.quarter)), now)


def _applied(key: str, text: str, now: datetime) -> Workspace:
    apply(Workspace.objects.filter(key=key).first(), reads(text), by=None, now=now)
    workspace = Workspace.objects.get(key=key)
    people.ensure_roles(workspace, now)
    return workspace


def _import(workspace: Workspace, steps: list[Step], now: datetime) -> None:
    for step in steps:
        source = workspace.sources.get(key=step.source)
        import_events(source, step.path, by=None, now=now)


@contextmanager
def _written(drawn: Parcel) -> Iterator[list[Step]]:
    """One Parquet file a source, a row group a table."""
    with TemporaryDirectory() as folder:
        writers: dict[str, pq.ParquetWriter] = {}
        for source, table in drawn.tables():
            path = Path(folder) / f"{source}.parquet"
            if source not in writers:
                writers[source] = pq.ParquetWriter(path, SCHEMA, compression="zstd")
            writers[source].write_table(table)
        for writer in writers.values():
            writer.close()
        yield [Step(source, Path(folder) / f"{source}.parquet") for source in writers]


def _enter_couriers(workspace: Workspace, end: date, now: datetime) -> None:
    metric = workspace.metrics.get(key="courier_contracts")
    for before_end, couriers in COURIERS:
        day = end - before_end * DAY
        enter_value(metric, day=day, value=couriers, by=metric.owner, now=now)


def _refresh(workspace: Workspace, now: datetime, say: Say) -> None:
    say(f"{workspace.name}: computing its numbers")
    refresh_metrics(workspace, now=now)
    lifetime.refresh(workspace, now=now)
    refresh_goals(workspace, now=now)


def _look_ahead(workspace: Workspace, now: datetime) -> None:
    """As the worker does, so that the first page already says what comes."""
    refresh_outlook(workspace, now=now)
    seasons.refresh(workspace)
    prospects.refresh(workspace, now=now)


def _text(name: str) -> str:
    return (files("headway.demo") / name).read_text(encoding="utf-8")
