"""Moving in: looks at files without changing anything, then makes what they say, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from django.db import transaction

from headway.accounts import actions as accounts
from headway.accounts import gate
from headway.accounts.models import Member, Person, Role, Workspace
from headway.engine.errors import Conflict, HeadwayError, InputError
from headway.files.problems import DocumentError, Problem
from headway.files.put import put
from headway.goals.models import KeyResult
from headway.goals.past import add_past
from headway.moving import own
from headway.moving.arrival import Arrival, Said
from headway.moving.choices import Choices
from headway.moving.mapping import SORTS, Mapping, guess
from headway.moving.opening import Document, File, Opened, opened
from headway.moving.packed import together
from headway.moving.reading import Found, read, style_of
from headway.moving.resolving import resolve
from headway.moving.table import Table
from headway.moving.viva import is_viva, read_viva


@dataclass(frozen=True)
class Sheet:
    """A table with what its columns are taken for."""

    table: Table
    mapping: Mapping
    asks_days: bool
    """Days such as 03/04/2026 stand in it, and nothing tells which number is the month."""


@dataclass(frozen=True)
class Look:
    """What files hold and what would be made of it."""

    arrival: Arrival
    sheets: tuple[Sheet, ...] = ()

    @property
    def ready(self) -> bool:
        return not self.arrival.problems and not self.arrival.empty


def look(workspace: Workspace, files: Iterable[File], choices: Choices, *, now: datetime) -> Look:
    """Changes nothing. Files that cannot be read are among the problems, like rows."""
    found, contents = Found(), []
    for file in files:
        try:
            contents += opened(file)
        except InputError as error:
            place = error.where or file.name
            found.problems.append(Problem(place, 1, "", error.message, error.fix))
    today = workspace.calendar.day_of(workspace.at(now))
    contents = together(contents)
    ours = [c for c in contents if isinstance(c, Document) and own.is_own(c.value)]
    if ours and len(contents) == 1 and not found.problems:
        name, value = ours[0].name, ours[0].value
        people = choices.add_people
        return Look(own.arrive(workspace, name, value, add_people=people, today=today))
    choices.check(c for c in contents if isinstance(c, Table))
    sheets = tuple(sheet for c in contents if (sheet := _take(c, choices, found)))
    return Look(resolve(workspace, found, choices, today=today), sheets)


def _take(content: Opened, choices: Choices, found: Found) -> Sheet | None:
    if isinstance(content, Table):
        return _take_table(content, choices, found)
    if own.is_own(content.value):
        fix = "Move it in by itself."
        found.problems.append(Problem(content.name, 1, "", "It holds a whole workspace.", fix))
    elif is_viva(content.value):
        style = choices.style(style_of(Table(content.name, (), ()), Mapping("")))
        read_viva(content.name, content.value, found, style=style if _chosen(choices) else None)
    else:
        fix = "It needs `objectives`, as Viva Goals and Headway write them."
        found.problems.append(Problem(content.name, 1, "", "There are no goals in it.", fix))
    return None


def _chosen(choices: Choices) -> bool:
    return choices.day_first is not None or choices.comma_decimal is not None


def _take_table(table: Table, choices: Choices, found: Found) -> Sheet:
    columns, sort = choices.of(table)
    known = sort if sort in SORTS else ""
    mapping = replace(guess(table, known), key_result=choices.key_result)
    if columns or sort:
        mapping = mapping.changed(table, columns, sort)
    style = choices.style(style_of(table, mapping))
    before = len(found.problems)
    read(table, mapping, found, style=style)
    fresh = found.problems[before:]
    return Sheet(table, mapping, any("months come first" in p.fix for p in fresh))


@transaction.atomic
def move_in(
    workspace: Workspace,
    files: Sequence[File],
    choices: Choices,
    *,
    by: Member | None,
    now: datetime,
) -> Arrival:
    """Makes what `look` shows. Raises DocumentError with every problem; then nothing is changed."""
    gate.require(by, "write", workspace)
    arrival = look(workspace, files, choices, now=now).arrival
    if arrival.problems:
        raise DocumentError(arrival.problems)
    if arrival.people:
        _add_people(workspace, arrival.people, by, now)
    values = {name: items for name, items in arrival.values.items() if name != "closes"}
    if values:
        put(workspace, values, by=by, now=now)
    _say(workspace, arrival.check_ins, by, now)
    if closes := arrival.values.get("closes"):  # after them, nothing is said of a closed cycle
        put(workspace, {"closes": closes}, by=by, now=now)
    return arrival


def _add_people(
    workspace: Workspace, emails: Iterable[str], by: Member | None, now: datetime
) -> None:
    """They come in by a link from an admin, or by asking for a new password."""
    for email in emails:
        person = Person.objects.filter(email=email).first() or accounts.create_person(email, None)
        accounts.add_member(workspace, person, Role.member, by=by, now=now)


def _say(workspace: Workspace, said: list[Said], by: Member | None, now: datetime) -> None:
    members = workspace.members.select_related("person")
    people = {member.person.email: member.person for member in members}
    order = sorted(said, key=lambda one: (one.objective, one.key_result))
    for (objective, key), group in groupby(order, lambda one: (one.objective, one.key_result)):
        rows = KeyResult.objects.select_related("objective__workspace", "cycle", "metric")
        row = rows.get(objective__workspace=workspace, objective__key=objective, key=key)
        ones = list(group)
        past = [replace(one.past, author=people.get(one.author.lower())) for one in ones]
        try:
            add_past(row, past, by=by, now=now)
        except HeadwayError as error:
            place = ones[0].place
            where = f"{place.file}, row {place.row}"
            raise Conflict(error.message, where=where, fix=error.fix) from error
