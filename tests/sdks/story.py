"""The one story that every SDK tells, and what of it must come out of the store."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from headway.engine.event import ALIAS, GROUP, IDENTIFY, MARKERS, PROPERTY, Event
from tests.ingest.dialects.captured import claims_of, person
from tests.ingest.dialects.counted import people_in

WRONG = "no-source-has-this-key"
PATIENCE = 30.0


@dataclass(frozen=True)
class Who:
    """Of one story: all stories are told to one workspace."""

    sdk: str

    @property
    def visitor(self) -> str:
        return f"{self.sdk}-visitor"

    @property
    def user(self) -> str:
        return f"{self.sdk}-ada"

    @property
    def old(self) -> str:
        return f"{self.sdk}-ada-before"

    @property
    def company(self) -> str:
        return f"{self.sdk}-acme"

    @property
    def email(self) -> str:
        return f"{self.sdk}@acme.example"


PLAN = {"plan": "pro", "seats": 3, "price": 9.5, "trial": True, "team": {"size": 12}}
PAID = {"plan": "pro", "seats": 3, "price": 9.5, "trial": True, "team.size": 12}


@dataclass(frozen=True)
class Heard:
    """What the store holds of a source."""

    events: list[Event]

    @property
    def deeds(self) -> list[Event]:
        return [e for e in self.events if e.event not in MARKERS]

    def counts(self) -> Counter[str]:
        return Counter(e.event for e in self.deeds)

    def people(self) -> set[str | None]:
        found = claims_of(self.events)
        return {person(event, found) for event in self.deeds}

    def named(self, name: str) -> list[Event]:
        return [e for e in self.events if e.event == name]

    def own(self, name: str) -> list[dict[str, Any]]:
        """The properties of the events of that name, without their context."""
        return [
            {k: v for k, v in e.properties.items() if not k.startswith("context.")}
            for e in self.named(name)
        ]


def heard(folder: Path) -> Heard:
    """From the parts of a source, which hold every event that was taken in."""
    tables = [pq.read_table(path) for path in sorted(folder.glob("*.parquet"))]
    rows = pa.concat_tables(tables, promote_options="default").to_pylist() if tables else []
    return Heard(sorted((_event(row) for row in rows), key=lambda e: e.happened_at))


def _event(row: dict[str, Any]) -> Event:
    properties = {
        name.removeprefix(PROPERTY): value
        for name, value in row.items()
        if name.startswith(PROPERTY) and value is not None
    }
    return Event(
        row["message_id"], row["event"], row["happened_at"], row["user_id"], row["account_id"],
        row["received_at"], properties,
    )  # fmt: skip


def wait_for(listen: Callable[[], Heard], enough: Callable[[Heard], bool]) -> Heard:
    """What is heard once it is enough; after a while whatever there is."""
    until = time.monotonic() + PATIENCE
    while not enough(found := listen()) and time.monotonic() < until:
        time.sleep(0.1)
    return found


@dataclass(frozen=True)
class Expected:
    """`visits` are anonymous, one of them told after the person was known.

    What an SDK cannot say is not expected of it: an alias, an account's name, traits, a page.
    """

    visits: int = 2
    page: int = 1
    traits: bool = True
    alias: bool = True
    group: bool = True
    company_name: bool = True
    more: tuple[tuple[str, int], ...] = ()

    @property
    def counts(self) -> Counter[str]:
        found = {"Visited": self.visits, "Signed Up": 1, "page": self.page, **dict(self.more)}
        return Counter({name: count for name, count in found.items() if count})

    def holds(self, story: Heard, who: Who) -> None:
        assert story.counts() == self.counts
        assert len(story.people()) == 1, story.people()
        assert people_in(story.events) == 1
        assert story.own("Signed Up") == [PAID]
        assert _types(story.own("Signed Up")[0]) == _types(PAID)
        emails = {e.properties.get("email") for e in story.named(IDENTIFY)} - {None}
        assert emails == ({who.email} if self.traits else set())
        companies = {e.account_id for e in story.named(GROUP)}
        assert companies == ({who.company} if self.group else set())
        names = {e.properties.get("name") for e in story.named(GROUP)} - {None}
        assert names == ({"Acme"} if self.company_name else set())
        assert bool(story.named(ALIAS)) == self.alias

    def enough(self, story: Heard) -> bool:
        return sum(story.counts().values()) >= sum(self.counts.values()) and (
            not self.company_name or any(e.properties.get("name") for e in story.named(GROUP))
        )


def _types(properties: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in properties.items()}
