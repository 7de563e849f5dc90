"""Files that somebody sent in the web, kept until they are moved in, with what was chosen for them.

They lie below the data folder: `moving/<workspace>/<token>/`. Only who sent them sees them.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from headway.accounts.models import Member, Workspace
from headway.engine.errors import NotFound
from headway.moving.choices import Choices
from headway.moving.opening import File

KEPT_FOR = timedelta(days=7)
FACTS = "delivery.json"


@dataclass(frozen=True)
class Delivery:
    folder: Path
    facts: dict[str, Any]

    @property
    def token(self) -> str:
        return self.folder.name

    @property
    def names(self) -> list[str]:
        return list(self.facts["names"])

    @property
    def sent_at(self) -> datetime:
        return datetime.fromisoformat(self.facts["sent_at"])

    @property
    def choices(self) -> Choices:
        return Choices(**self.facts.get("choices", {}))

    def files(self) -> list[File]:
        return [
            File(name, (self.folder / str(n)).read_bytes()) for n, name in enumerate(self.names)
        ]

    def choose(self, choices: Choices) -> None:
        self._write({**self.facts, "choices": asdict(choices)})

    def drop(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, facts: dict[str, Any]) -> None:
        """Whole or not at all."""
        fresh = self.folder / f"{FACTS}.new"
        fresh.write_text(json.dumps(facts), encoding="utf-8")
        fresh.replace(self.folder / FACTS)


def keep(workspace: Workspace, by: Member, files: Iterable[File], *, now: datetime) -> Delivery:
    """Also forgets what has been kept for too long."""
    for old in _all(workspace):
        if now - old.sent_at > KEPT_FOR:
            old.drop()
    folder = _root(workspace) / secrets.token_hex(12)
    folder.mkdir(parents=True)
    names = []
    for n, file in enumerate(files):
        (folder / str(n)).write_bytes(file.content)
        names.append(file.name)
    facts = {"names": names, "by": by.pk, "sent_at": now.isoformat()}
    delivery = Delivery(folder, facts)
    delivery._write(facts)
    return delivery


def deliveries(workspace: Workspace, by: Member) -> list[Delivery]:
    """The latest first."""
    mine = [one for one in _all(workspace) if one.facts["by"] == by.pk]
    return sorted(mine, key=lambda one: one.sent_at, reverse=True)


def delivery(workspace: Workspace, by: Member, token: str) -> Delivery:
    folder = _root(workspace) / token
    found = _read(folder) if re.fullmatch("[0-9a-f]{24}", token) else None
    if found is None or found.facts["by"] != by.pk:
        raise NotFound("These files are not kept any more.", fix="Send them again.")
    return found


def _all(workspace: Workspace) -> Iterator[Delivery]:
    root = _root(workspace)
    folders = root.iterdir() if root.is_dir() else ()
    return (found for folder in folders if (found := _read(folder)))


def _read(folder: Path) -> Delivery | None:
    path = folder / FACTS
    return Delivery(folder, json.loads(path.read_text("utf-8"))) if path.is_file() else None


def _root(workspace: Workspace) -> Path:
    data: Path = settings.DATA
    return data / "moving" / str(workspace.pk)
