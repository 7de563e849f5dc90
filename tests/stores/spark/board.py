"""Parcel's board: its events on disk, its metrics, and the points that a store gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pyarrow.parquet as pq

from headway.demo.calendar import filled
from headway.demo.parcel import draw
from headway.demo.parcel.log import PROPERTIES
from headway.engine.definition import Definition
from headway.engine.measure import Ask, scope_of
from headway.engine.period import Calendar, Grain
from headway.engine.series import Point
from headway.engine.store import Store
from headway.files.reading import reads
from headway.stores.local import LocalStore
from headway.stores.mapped import MappedTable
from headway.stores.parts import PartFile, write_parts
from headway.stores.reading import read_events

Points = dict[str, tuple[Point, ...]]

GRAIN = Grain.week
BERLIN = Calendar.of("Europe/Berlin", "monday")
YEARS = timedelta(days=730)
"""As much as is drawn."""


@dataclass(frozen=True)
class Board:
    """`folder` holds a folder of Parquet files for each source."""

    folder: Path
    sources: tuple[str, ...]
    definitions: Mapping[str, Definition]
    end: date

    @classmethod
    def drawn(cls, folder: Path, end: date, events: int) -> Board:
        parcel = draw(end=end, events=events)
        sources: dict[str, int] = {}
        for source, table in parcel.tables():
            number = sources[source] = sources.get(source, 0) + 1
            (folder / source).mkdir(parents=True, exist_ok=True)
            pq.write_table(table, folder / source / f"{number:04}.parquet", compression="zstd")
        text = (files("headway.demo") / "parcel.yml").read_text(encoding="utf-8")
        metrics = reads(filled(text, parcel.truth)).metrics
        return cls(folder, tuple(sources), {m.key: m for m in metrics}, end)

    @property
    def tables(self) -> list[MappedTable]:
        """The same files as a warehouse sees them."""
        return [
            MappedTable(
                source=source, table=f"parquet:{self.folder / source}", at="happened_at",
                id="message_id", event_column="event", user="user_id", account="account_id",
                properties={name: name for name in PROPERTIES},
            )
            for source in self.sources
        ]  # fmt: skip

    def local(self, root: Path) -> LocalStore:
        """The same files imported."""
        parts: list[PartFile] = []
        for source in self.sources:
            for path in sorted((self.folder / source).iterdir()):
                for batch in read_events(path, now=self.now):
                    parts += write_parts(root, batch.table, source, parts).parts
        return LocalStore(root, parts)

    @property
    def now(self) -> datetime:
        return BERLIN.instant(self.end)

    def points(self, store: Store) -> Points:
        """Of every KPI, week by week; what KPIs are computed from is asked too."""
        start = self.end - YEARS
        ask = Ask(
            self.definitions,
            store,
            scope_of(start, self.end, GRAIN, calendar=BERLIN, as_of=self.now, first_day=start),
        )
        return {
            key: ask.answer(key).series.points
            for key, definition in self.definitions.items()
            if definition.level == "kpi"
        }
