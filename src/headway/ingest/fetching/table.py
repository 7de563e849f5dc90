"""A table of any SQL database that SQLAlchemy can reach, read by a column that only grows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from headway.engine.errors import InputError, StoreError, nearest
from headway.engine.event import Event
from headway.ingest.definition import SourceDefinition
from headway.ingest.fetching.extra import needed
from headway.ingest.fetching.fetched import Cursor, Fetched, Fetcher, Refused
from headway.ingest.fetching.values import instant, scalar, text_of
from headway.stores.tabled import table_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, Table

ROWS_AT_ONCE = 20_000
OVERLAP = timedelta(hours=1)
"""Read again by each fetch where the column is a time: a row of a transaction that ended late may
lie before others that came earlier. What is known does not come in twice."""

AHEAD = timedelta(days=1)
"""By so much may a clock be wrong."""

TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
Row = Mapping[str, Any]


def fetch(
    definition: SourceDefinition, secret: str, cursor: Cursor, now: datetime
) -> Iterator[Fetched]:
    with _connected(definition, secret) as connection:
        table = _table(definition, connection)
        after, whole = _after(cursor), False
        while not whole:
            rows = _some(definition, connection, table, after, now)
            whole = len(rows) < ROWS_AT_ONCE
            if rows:
                last = rows[-1]
                if last[definition.id] is None and not whole:
                    raise StoreError(
                        f"`{definition.id}` is empty in many rows.",
                        fix="Name a column in `id` that tells every row apart.",
                    )
                after = (last[_growing(definition)], last[definition.id])
            yield _fetched(definition, rows, _state(after, cursor, resting=whole), now)


def words(cursor: Cursor) -> str:
    if "value" not in cursor:
        return "No row was read yet."
    return f"All rows up to {str(cursor['value']).replace('T', ' ')}."


def _growing(definition: SourceDefinition) -> str:
    return definition.changed or definition.at


@contextmanager
def _connected(definition: SourceDefinition, secret: str) -> Iterator[Connection]:
    with needed("sqlalchemy"):
        import sqlalchemy as sa
    try:
        engine = sa.create_engine(_address(secret), poolclass=sa.NullPool)
        try:
            with engine.connect() as connection:
                _restrain(connection, definition)
                yield connection
        finally:
            engine.dispose()
    except ImportError as error:
        raise StoreError(
            f"The database needs `{error.name}`, which is not installed.",
            fix=f"Install it where the worker runs: pip install {error.name}",
        ) from None
    except sa.exc.SQLAlchemyError as error:
        raise StoreError(
            f"The database could not be read: {_said(error)}",
            fix=f"See whether the address in `{definition.dsn_env}` is right.",
        ) from None


def _address(secret: str) -> str:
    """With the client that Headway itself uses."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", secret)


def _restrain(connection: Connection, definition: SourceDefinition) -> None:
    """Where the database can be told: nothing is written, and no query runs for ever."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET default_transaction_read_only = on")
        milliseconds = int(definition.time_out.total_seconds() * 1000)
        connection.exec_driver_sql(f"SET statement_timeout = {milliseconds}")
        connection.commit()


def _said(error: Exception) -> str:
    """The driver's own first line: the rest shows the query."""
    origin = getattr(error, "orig", None) or error
    return (str(origin).strip().splitlines() or [type(error).__name__])[0][:300]


def _table(definition: SourceDefinition, connection: Connection) -> Table:
    import sqlalchemy as sa

    schema, _, name = definition.table.rpartition(".")
    try:
        table = sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=connection)
    except sa.exc.NoSuchTableError:
        known = sa.inspect(connection).get_table_names(schema=schema or None)
        raise StoreError(
            f"There is no table `{definition.table}`.", fix=nearest(name, known) or "Mend `table`."
        ) from None
    for column in _columns(definition):
        if column not in table.columns:
            raise StoreError(
                f"`{definition.table}` has no column `{column}`.",
                fix=nearest(column, table.columns.keys()),
            )
    return table


def _columns(definition: SourceDefinition) -> list[str]:
    own = (
        definition.id, definition.at, definition.changed, definition.event_column,
        definition.user, definition.account, *definition.columns.values(),
    )  # fmt: skip
    return [*dict.fromkeys(filter(None, own))]


def _some(
    definition: SourceDefinition,
    connection: Connection,
    table: Table,
    after: tuple[Any, Any] | None,
    now: datetime,
) -> list[Row]:
    """The next rows, in the order of the column that grows and of their ids. Those of the future
    wait: behind one of the year 9999 no other would ever be new.
    """
    import sqlalchemy as sa

    columns = {name: _plain(connection, table.c[name]) for name in _columns(definition)}
    grows, own = columns[_growing(definition)], columns[definition.id]
    query: Select[Any] = sa.select(*(column.label(name) for name, column in columns.items()))
    query = query.where(grows.is_not(None)).order_by(grows, own).limit(ROWS_AT_ONCE)
    if isinstance(table.c[_growing(definition)].type, sa.DateTime | sa.Date):
        query = query.where(grows <= _like(now + AHEAD, grows))
    if definition.since:
        happened = columns[definition.at]
        query = query.where(happened >= _like(definition.since, happened))
    if after:
        value, identity = after
        if identity is None:
            query = query.where(grows >= _like(value, grows))
        else:
            query = query.where(sa.or_(grows > value, sa.and_(grows == value, own > identity)))
    return [dict(row) for row in connection.execute(query).mappings()]


def _plain(connection: Connection, column: Any) -> Any:
    """SQLite keeps times as text in any spelling, and only the very same one is equal."""
    import sqlalchemy as sa

    if connection.dialect.name == "sqlite" and isinstance(column.type, sa.DateTime | sa.Date):
        return sa.type_coerce(column, sa.String)
    return column


def _like(value: Any, column: Any) -> Any:
    """A time from a cursor, of the type that the column has: with a zone, without, or text."""
    import sqlalchemy as sa

    if isinstance(column.type, sa.DateTime) and isinstance(value, str | date):
        found = instant(value)
        return found if column.type.timezone else found.replace(tzinfo=None)
    if isinstance(column.type, sa.Date) and isinstance(value, str | date):
        return instant(value).date()
    return value.isoformat() if isinstance(value, date) else value


def _after(cursor: Cursor) -> tuple[Any, Any] | None:
    """Where the last fetch was, or a little before."""
    return (cursor["from"], None) if "from" in cursor else None


def _state(after: tuple[Any, Any] | None, cursor: Cursor, *, resting: bool) -> Cursor:
    """`from` is where the next fetch begins."""
    if after is None or after[1] is None:
        return cursor
    value = after[0]
    return {"value": _kept(value), "from": _kept(_earlier(value) if resting else value)}


def _earlier(value: Any) -> Any:
    """Of a time, also one in text; anything else stays."""
    if isinstance(value, datetime):
        return value - OVERLAP
    if not isinstance(value, str) or not TIME.match(value):
        return value
    found = instant(value) - OVERLAP
    return found.replace(tzinfo=None).isoformat("T" if value[10] == "T" else " ")


def _kept(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else str(value)
    return value.isoformat() if isinstance(value, date) else value


def _fetched(
    definition: SourceDefinition, rows: list[Row], cursor: Cursor, now: datetime
) -> Fetched:
    events: list[Event] = []
    refused: list[Refused] = []
    for at, row in enumerate(rows):
        try:
            events.append(_event(definition, row, now))
        except InputError as error:
            refused.append(Refused(at, error.message, str(row)[:1000]))
    return Fetched(cursor, table_of(events) if events else None, refused)


def _event(definition: SourceDefinition, row: Row, now: datetime) -> Event:
    """Raises InputError for a row that says no time, name or id, or has not happened yet."""
    known = text_of(row[definition.id])
    if known is None:
        raise InputError("It has no id.")
    name = definition.event or text_of(row[definition.event_column])
    if row[definition.at] is None or not name:
        raise InputError("It has no time." if name else "The event has no name.")
    if (at := instant(row[definition.at])) > now + AHEAD:
        raise InputError(f"{at:%Y-%m-%d} lies in the future.")
    return Event(
        known, name, at,
        text_of(row.get(definition.user)), text_of(row.get(definition.account)),
        properties={prop: scalar(row[column]) for prop, column in definition.columns.items()},
    )  # fmt: skip


SQL = Fetcher(fetch, words)
