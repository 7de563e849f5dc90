"""From a source as it is written to its warehouse: the address, and what may not be read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from headway.engine.errors import StoreError
from headway.ingest.definition import SourceDefinition
from headway.ingest.kinds import KINDS
from headway.stores.mapped import Warehouse


def opened(source: SourceDefinition) -> Warehouse:
    """Connects when it is first asked. Raises StoreError where there is nothing to connect to."""
    kind = KINDS[source.kind]
    if kind.open is None:
        raise StoreError(f"The source `{source.key}` is no warehouse.")
    if kind.address:
        return kind.open(source, _address(source))
    _refuse_own_files(source, source.table)
    return kind.open(source, settings.SPARK_CONF)


def secret_of(source: SourceDefinition) -> str:
    """What a source is fetched with; "" where it needs none. Raises StoreError."""
    kind = KINDS[source.kind]
    if kind.address:
        found = _address(source)
        _refuse_own_files(source, re.sub(r"^sqlite[^:]*:", "sqlite:", found))
        return found
    if source.url and "://" not in source.url:
        _refuse_own_files(source, f"file:{source.url}")
    variable = getattr(source, kind.secret)
    return variable_of(source, variable, "the key or token") if variable else ""


def variable_of(source: SourceDefinition, name: str, holds: str) -> str:
    found = os.environ.get(name, "").strip()
    if not found:
        raise StoreError(
            f"The environment variable `{name}` is not set.",
            where=f"source `{source.key}`",
            fix=f"Set it to {holds}, for the worker and for the web.",
        )
    return found


def _refuse_own_files(source: SourceDefinition, named: str) -> None:
    """Folders of files may be named; Headway's holds the events of every workspace."""
    own = [Path(folder).resolve() for folder in (settings.DATA, settings.STORE)]
    for place in _places(named):
        if any(place.is_relative_to(o) or o.is_relative_to(place) for o in own):
            raise StoreError(
                f"{place} is where Headway keeps its own data.",
                where=f"source `{source.key}`",
                fix="Read a folder that has nothing else in it.",
            )


def _places(table: str) -> Iterator[Path]:
    """What a name such as `parquet:/data/events` or ``parquet.`/data/events` `` may lead to."""
    bare = table.replace("`", "")
    ends = [bare.partition(":")[2], bare.partition(".")[2] if "/" in bare else ""]
    for end in filter(None, ends):
        path = re.sub(r"^(file:)?(//)?", "", end)
        sure = re.split(r"[*?\[{]", path)[0]
        yield (Path(sure) if sure == path else Path(f"{sure}x").parent).resolve()


def _address(source: SourceDefinition) -> str:
    address = variable_of(source, source.dsn_env, "the address of the database")
    kind = KINDS[source.kind]
    if not re.match(kind.address, address):  # never shown: it may be another secret
        raise StoreError(
            f"The environment variable `{source.dsn_env}` holds no address of {kind.title}.",
            where=f"source `{source.key}`",
            fix=f"Write for example {kind.example}.",
        )
    if address == os.environ.get("HEADWAY_DATABASE_URL", "").strip():
        raise StoreError(
            f"`{source.dsn_env}` is the database in which Headway keeps its own data.",
            where=f"source `{source.key}`",
            fix="Read another database; Headway's own holds passwords and tokens.",
        )
    return address
