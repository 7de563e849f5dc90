"""What the page of a fetched source says: how far it is, when it goes on, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from headway.ingest.models import Fetch, Source, WriteKey


@dataclass(frozen=True)
class Health:
    """`now` is the real time: nobody fetches by a stopped clock."""

    source: Source
    now: datetime

    @property
    def row(self) -> Fetch:
        """An unsaved one before the first fetch."""
        return self.source.last_fetch or Fetch(source=self.source)

    @property
    def reached(self) -> str:
        fetcher = self.source.sort.fetcher
        assert fetcher
        return fetcher.words(self.row.cursor)

    @property
    def next(self) -> str:
        row = self.row
        if row.held_until and row.held_until > self.now:
            return "it is being fetched"
        if row.due_at is None or row.due_at <= self.now:
            return "in the worker's next pass"
        return f"{row.due_at:%-d %b %Y, %H:%M} UTC"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is fetched, without any secret."""
        definition = self.source.definition
        known = definition.body()
        return [(words, str(known[name])) for name, words in NAMES if known.get(name)]


NAMES = (
    ("url", "Address"),
    ("dsn_env", "Address in"),
    ("secret_env", "Secret in"),
    ("webhook_env", "Webhook's secret in"),
    ("table", "Table"),
    ("query", "Expression"),
    ("measure", "It measures"),
    ("step", "Step"),
    ("event", "Event"),
    ("event_column", "Event in"),
    ("at", "Time in"),
    ("id", "Id in"),
    ("changed", "New by"),
    ("user", "User in"),
    ("account", "Account in"),
    ("since", "From"),
)


def webhook(source: Source, keys: Sequence[WriteKey]) -> dict[str, Any]:
    """Where Stripe sends to, once there is a key."""
    if source.kind != "stripe":
        return {}
    address = f"{settings.BASE_URL}/in/{keys[0].value}/v1/stripe" if keys else ""
    return {"takes_webhooks": True, "webhook": address}
