"""Which columns are what, from flags or from a source's entry in YAML."""

from __future__ import annotations

from collections.abc import Mapping as Flags
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from headway.engine.errors import DefinitionError, nearest
from headway.stores.mapping import Mapping

FIELDS = {
    "event_column": "event",
    "event_name": "name",
    "time_column": "happened_at",
    "time_format": "time_format",
    "timezone": "timezone",
    "user_column": "user_id",
    "account_column": "account_id",
    "id_column": "message_id",
}


class Entry(Struct, forbid_unknown_fields=True):
    """An entry under `sources:`. `event` is the name of every event; `event_column` holds names."""

    key: str
    kind: str = "ingest"
    name: str = ""
    usual_gap_days: int | None = None
    event: str = ""
    event_column: str | None = None
    at: str | None = None
    time_format: str = ""
    timezone: str = "UTC"
    user: str | None = None
    account: str | None = None
    id: str | None = None
    properties: list[str] | None = None

    def mapping(self) -> Mapping:
        return Mapping(
            event=self.event_column,
            name=self.event,
            happened_at=self.at,
            time_format=self.time_format,
            timezone=self.timezone,
            user_id=self.user,
            account_id=self.account,
            message_id=self.id,
            properties=None if self.properties is None else tuple(self.properties),
        )


def mapping_from(file: Path | None, key: str, flags: Flags[str, str | None]) -> Mapping:
    """The file's mapping for the source, with the flags that were given over it."""
    mapping = _entry(file, key).mapping() if file else Mapping()
    given: dict[str, Any] = {FIELDS[f]: v for f, v in flags.items() if f in FIELDS and v}
    if given.get("name"):
        given.setdefault("event", None)
    elif given.get("event"):
        given["name"] = ""
    if properties := flags.get("properties"):
        given["properties"] = tuple(name.strip() for name in properties.split(","))
    return replace(mapping, **given)


def _entry(file: Path, key: str) -> Entry:
    found = {str(entry.get("key")): entry for entry in _entries(file)}
    if key not in found:
        fix = nearest(key, found) or f"It has: {', '.join(found) or 'none'}."
        raise DefinitionError(f"There is no source `{key}` in it.", where=str(file), fix=fix)
    try:
        return msgspec.convert(found[key], Entry)
    except msgspec.ValidationError as error:
        known = ", ".join(Entry.__struct_fields__)
        raise DefinitionError(
            f"{error}.", where=f"{file}, source `{key}`", fix=f"Allowed: {known}."
        ) from None


def _entries(file: Path) -> list[dict[str, Any]]:
    try:
        document = YAML(typ="safe").load(file.read_text())
    except (YAMLError, UnicodeDecodeError) as error:
        raise DefinitionError(f"It is not YAML: {error}", where=str(file)) from None
    entries = document.get("sources") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise DefinitionError(
            "There is no list of `sources`.",
            where=str(file),
            fix="Write for example `sources: [{key: shop, event: order_placed, at: created_at}]`.",
        )
    return entries
