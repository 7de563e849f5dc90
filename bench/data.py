"""The events on disk: daily parts of the store, and what comes to it later."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.feather as feather

from bench import events
from headway.stores import parts as writing
from headway.stores.parts import PartFile, write_parts

SOURCE = "product"
WEEK, LATE = 7, 0.005
"""Of the events of a week before the last day, this share comes a week later."""


@dataclass(frozen=True)
class Manifest:
    parts: list[PartFile]
    days: int


@dataclass(frozen=True)
class Data:
    """`days` from the first are asked for; the tables of later days lie beside the store."""

    folder: Path
    parts: tuple[PartFile, ...]
    days: int

    @property
    def late_day(self) -> date:
        return self.end - timedelta(days=WEEK)

    @property
    def root(self) -> Path:
        return self.folder / "store"

    @property
    def files(self) -> list[str]:
        return [str(self.root / part.path) for part in self.parts]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    @property
    def end(self) -> date:
        return events.FIRST + timedelta(days=self.days)

    def later(self, name: str) -> pa.Table:
        """`next` is the day after the last, `late` what belongs to a day a week ago."""
        return feather.read_table(self.folder / f"{name}.arrow")

    def grown(self, table: pa.Table, days: int = 0) -> Data:
        """With the table written into the store as an import writes it; more days are asked for."""
        written = write_parts(self.root, table, SOURCE, self.parts)
        return replace(self, parts=(*self.parts, *written.parts), days=self.days + days)

    def copy(self, folder: Path) -> Data:
        """The same files elsewhere, so that nothing built beside one is seen by another."""
        for part in self.parts:
            whole = self.root / part.path
            (folder / "store" / part.path).parent.mkdir(parents=True, exist_ok=True)
            for file in (whole, whole.with_suffix(".marks")):
                os.link(file, folder / "store" / file.relative_to(self.root))
        for name in ("next", "late"):
            os.link(self.folder / f"{name}.arrow", folder / f"{name}.arrow")
        return replace(self, folder=folder)


def place(base: Path, count: int, days: int = events.YEAR) -> Path:
    """Where so many events of so many days are, if they were made by the same code."""
    code = [Path(str(module.__file__)).read_bytes() for module in (events, writing)]
    return base / f"{count}-{days}-{hashlib.sha256(b''.join(code)).hexdigest()[:8]}"


def load(folder: Path) -> Data:
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
    return Data(folder, tuple(manifest.parts), manifest.days)


def make(folder: Path, count: int, days: int = events.YEAR) -> None:
    """Writes the days one after the other; the manifest last, so that a half is never taken."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "store").mkdir(parents=True)
    parts: list[PartFile] = []
    for day, table in enumerate(events.by_day(count, days)):
        if day == days - WEEK:
            table = _split(table, folder)
        if day < days:
            parts += write_parts(folder / "store", table, SOURCE, []).parts
        else:
            feather.write_feather(table, folder / "next.arrow", compression="zstd")
    (folder / "manifest.json").write_bytes(msgspec.json.encode(Manifest(parts, days)))


def _split(table: pa.Table, folder: Path) -> pa.Table:
    """Puts what comes late beside the store; at least one event."""
    late = np.random.default_rng(1).random(table.num_rows) < LATE
    late[0] = True
    feather.write_feather(table.filter(pa.array(late)), folder / "late.arrow", compression="zstd")
    return table.filter(pa.array(~late))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.data", description=make.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("events", type=int)
    parser.add_argument("--days", type=int, default=events.YEAR)
    asked = parser.parse_args()
    start = time.perf_counter()
    make(asked.folder, asked.events, asked.days)
    rows, seconds = load(asked.folder).rows, time.perf_counter() - start
    print(f"{rows:,} events made and written in {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
