"""Somebody whose events are here: every id that is theirs, and the events themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, NotFound
from headway.engine.event import COLUMNS, PROPERTY
from headway.engine.identity import BEGINNING, END, Claim, claims
from headway.ingest.manifest.rows import files, manifest, root_of
from headway.stores.joins import links_in, markers_in
from headway.stores.parts import PartFile

USER, AT = "user_id", "happened_at"


@dataclass(frozen=True)
class Person:
    """`claims` say which id was theirs, and when: an anonymous id may have been others' too."""

    claims: tuple[Claim, ...]

    @cached_property
    def ids(self) -> list[str]:
        return sorted({claim.id for claim in self.claims})

    @cached_property
    def own(self) -> list[str]:
        """The ids that were never anybody else's."""
        return [c.id for c in self.claims if (c.after, c.until) == (BEGINNING, END)]

    def mask(self, table: pa.Table) -> pa.Array:
        """Which of the events are theirs."""
        users = table[USER].combine_chunks()
        found = pc.fill_null(pc.is_in(users, value_set=pa.array(self.own, pa.string())), False)
        for claim in self.claims:
            if claim.id not in self.own:
                at = table[AT].combine_chunks().cast(pa.int64())
                within = pc.and_(pc.greater(at, claim.after), pc.less_equal(at, claim.until))
                theirs = pc.fill_null(pc.equal(users, claim.id), False)
                found = pc.or_(found, pc.and_(theirs, within))
        return found

    def has_some(self, root: Any, part: PartFile) -> bool:
        """Reads two columns of the part."""
        return bool(pc.any(self.mask(pq.read_table(root / part.path, columns=[USER, AT]))).as_py())


def find(workspace: Workspace, id_: str) -> Person:
    """By any of their ids. Raises NotFound, or Conflict where an id was several people's."""
    parts = files(manifest(workspace))
    joined = claims(links_in(markers_in(root_of(workspace), parts)))
    people = {claim.person for claim in joined if claim.id == id_} or {id_}
    if len(people) > 1:
        raise Conflict(
            f"The id `{id_}` was used by {len(people)} people, one after another.",
            where="id",
            fix=f"Give the id of one of them: {', '.join(f'`{p}`' for p in sorted(people)[:5])}.",
        )
    [name] = people
    theirs = [claim for claim in joined if claim.person == name]
    return Person((Claim(name, BEGINNING, END, name), *theirs))


def found(workspace: Workspace, id_: str) -> tuple[Person, int]:
    """With the number of events. Raises NotFound where there is none."""
    person = find(workspace, id_)
    count = sum(table.num_rows for _, table in tables(workspace, person))
    if not count:
        raise NotFound(
            "No event here is of anybody with this id.",
            where="id",
            fix="Ids are written as they were sent, capital letters too.",
        )
    return person, count


def tables(workspace: Workspace, person: Person) -> Iterator[tuple[str, pa.Table]]:
    """Their events as they are stored, a table for each part, with the key of its source."""
    root = root_of(workspace)
    for part in files(manifest(workspace)):
        if person.has_some(root, part):
            table = pq.read_table(root / part.path)
            yield part.source, table.filter(person.mask(table))


def exported(workspace: Workspace, id_: str, *, by: Member | None) -> Iterator[dict[str, Any]]:
    """Everything that is stored of somebody, event by event; for admins."""
    gate.require(by, "administer", workspace)
    person, _ = found(workspace, id_)
    return (row for source, table in tables(workspace, person) for row in _rows(source, table))


def _rows(source: str, table: pa.Table) -> Iterator[dict[str, Any]]:
    for row in table.sort_by(AT).to_pylist():
        own = {name: row.get(name) for name in COLUMNS}
        given = {
            name.removeprefix(PROPERTY): value
            for name, value in row.items()
            if name.startswith(PROPERTY) and value is not None
        }
        yield {"source": source, **own, "properties": given}


def read(claimed: Sequence[Sequence[Any]]) -> Person:
    return Person(tuple(Claim(*one) for one in claimed))


def written(person: Person) -> list[list[Any]]:
    return [[c.id, c.after, c.until, c.person] for c in person.claims]
