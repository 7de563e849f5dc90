"""A file at a path or an address, brought here for as long as it is read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from headway.engine.errors import StoreError
from headway.ingest.definition import SourceDefinition
from headway.ingest.fetching.fetched import Cursor
from headway.ingest.fetching.web import Got, copied, download

SUFFIXES = {
    "text/csv": ".csv",
    "application/x-ndjson": ".ndjson",
    "application/vnd.apache.parquet": ".parquet",
}
MOST = 500_000_000
"""Bytes of one file."""


@dataclass(frozen=True)
class Brought:
    """`version` goes into the cursor; the next fetch asks with it whether something changed."""

    path: Path
    version: dict[str, str]


@contextmanager
def brought(
    source: SourceDefinition, secret: str, cursor: Cursor, now: datetime, suffix: str = ""
) -> Iterator[Brought | None]:
    """None where the file is as it was. Raises StoreError, or Later."""
    with tempfile.TemporaryDirectory(prefix="headway-") as folder:
        if "://" in source.url:
            yield _from_web(source, secret, cursor, now, Path(folder), suffix)
        else:
            yield _from_disk(Path(source.url), cursor, Path(folder))


def _from_web(
    source: SourceDefinition, secret: str, cursor: Cursor, now: datetime, folder: Path, suffix: str
) -> Brought | None:
    path = folder / "file"
    got = download(
        source.url, path, timeout=source.time_out.total_seconds(), most=MOST, now=now,
        secret=secret, etag=cursor.get("etag", ""), modified=cursor.get("modified", ""),
    )  # fmt: skip
    if not got.changed:
        return None
    if got.content_type == "text/html":
        raise StoreError(
            "There is a web page at the address, and no table.",
            fix="Perhaps it asks to sign in. A Google Sheet is published under File, Share, "
            "Publish to web, as comma-separated values.",
        )
    named = path.rename(folder / f"file{suffix or _suffix(source.url, got)}")
    return Brought(named, {"etag": got.etag, "modified": got.modified})


def _suffix(url: str, got: Got) -> str:
    """As the address ends, or as its server says what it is."""
    name = Path(unquote(urlsplit(url).path)).name
    found = "".join(Path(name).suffixes[-2:]) if name.endswith(".gz") else Path(name).suffix
    return found or SUFFIXES.get(got.content_type, ".csv")


def _from_disk(place: Path, cursor: Cursor, folder: Path) -> Brought | None:
    """A copy, as somebody may write another one while it is read."""
    try:
        state = place.stat()
        version = {"modified": f"{state.st_mtime_ns}-{state.st_size}"}
        if cursor.get("modified") == version["modified"]:
            return None
        path = folder / place.name
        copied(place, path, MOST)
    except OSError as error:
        raise StoreError(
            f"{place} could not be read: {error.strerror}.",
            fix="See whether it is there, for the machine and the user that the worker runs as.",
        ) from None
    return Brought(path, version)
