"""`headway backup`: everything that cannot be made again, copied while Headway runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from hashlib import file_digest
from pathlib import Path

import click

from headway.cli import django
from headway.engine.errors import InputError, StoreError

TRIES = 3
"""A deletion may take files away between the copy of the database and that of the files."""

DATABASE = "headway.sqlite3"
PART, KNOWN = ".parquet", ".marks"


@click.command(name="backup", epilog="Example: headway backup /mnt/backup/headway")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Copy everything that cannot be made again into FOLDER, while Headway runs.

    The next backup into the same folder copies what is new, and removes what was deleted since.
    To restore, let HEADWAY_DATA name the folder, or a copy of it. With PostgreSQL the folder holds
    the files alone: dump the database first, with `pg_dump`.
    """
    django.ready()
    from django.conf import settings
    from django.db import connection

    data, folder = settings.DATA, folder.expanduser().resolve()
    _require_free(folder, data)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    own = connection.vendor == "sqlite"
    parts, copied = _copied(data, folder, own)
    size = sum((folder / "events" / path).stat().st_size for path in parts)
    click.echo(
        f"{'The database and ' if own else ''}{len(parts):,} files of events ({size / 1e6:,.1f} MB)"
        f" are in {folder}, {copied:,} of them new."
    )
    if not own:
        click.echo("The database is PostgreSQL: its dump belongs to these files.", err=True)


def _require_free(folder: Path, data: Path) -> None:
    if folder == data or data in folder.parents or folder in data.parents:
        raise InputError(
            f"{folder} and the data in {data} lie in one another.", fix="Name a folder elsewhere."
        )
    if folder.exists() and any(folder.iterdir()) and not (folder / "events").is_dir():
        raise InputError(
            f"{folder} is neither empty nor an earlier backup.", fix="Name another folder."
        )


def _copied(data: Path, folder: Path, own: bool) -> tuple[Mapping[str, str], int]:
    """The parts by their path, with checksums, and how many were new. The old backup stays whole
    until the new one is."""
    for attempt in range(TRIES):
        draft = folder / f".{DATABASE}"
        parts = _snapshot(data / DATABASE, draft) if own else _manifest()
        try:
            copied = sum([_copy_part(data, folder, *part) for part in parts.items()])
        except FileNotFoundError as error:
            if attempt == TRIES - 1:
                raise StoreError(
                    f"{error.filename} is missing.", fix="Run `headway store check`."
                ) from None
            continue
        if own:
            draft.replace(folder / DATABASE)
        _mirror_rest(data, folder)
        _prune(folder / "events", parts)
        return parts, copied
    raise AssertionError


def _snapshot(database: Path, draft: Path) -> dict[str, str]:
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600))
    with closing(sqlite3.connect(database)) as here, closing(sqlite3.connect(draft)) as there:
        here.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")
        return dict(there.execute("SELECT path, sha256 FROM ingest_part"))


def _manifest() -> dict[str, str]:
    from headway.ingest.models import Part

    return dict(Part.objects.values_list("path", "sha256"))


def _copy_part(data: Path, folder: Path, path: str, sha256: str) -> bool:
    """Parts never change once written: one that is there is not copied again."""
    source, target = data / "events" / path, folder / "events" / path
    if target.exists() and target.stat().st_size == source.stat().st_size:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}")
    shutil.copyfile(source, draft)
    with draft.open("rb+") as file:
        if file_digest(file, "sha256").hexdigest() != sha256:
            draft.unlink()
            raise StoreError(f"{source} is not what was written.", fix="Run `headway store check`.")
        os.fsync(file.fileno())
    draft.replace(target)
    with suppress(FileNotFoundError):  # the known ids: made again where they are missing
        shutil.copyfile(source.with_suffix(KNOWN), target.with_suffix(KNOWN))
    return True


def _mirror_rest(data: Path, folder: Path) -> None:
    """The secret key, and the rows that imports could not read."""
    if (data / "secret_key").exists():
        shutil.copy2(data / "secret_key", folder / "secret_key")
    shutil.rmtree(folder / "rejects", ignore_errors=True)
    if (data / "rejects").exists():
        shutil.copytree(data / "rejects", folder / "rejects")


def _prune(events: Path, parts: Mapping[str, str]) -> None:
    """What the manifest names no more goes here too: somebody may have asked to be deleted."""
    for path in list(_files(events)):
        if str(path.relative_to(events).with_suffix(PART)) not in parts:
            path.unlink()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
