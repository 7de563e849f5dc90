"""The kinds of source: which fields each one takes, and how its warehouse is opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from headway.engine.definition import duration
from headway.engine.errors import DefinitionError, nearest
from headway.engine.shape import Fault, faults, shape_of, shown
from headway.ingest.definition import OWN, SourceDefinition, read
from headway.ingest.fetching import FETCHERS, Fetcher
from headway.stores.mapped import Warehouse

LOCAL_SPARK = "local[2]"
RESERVED = "HEADWAY_"
SECRETS = r"://|^[sr]k_(live|test)_|^whsec_"
VARIABLES = ("dsn_env", "secret_env", "webhook_env")
SHORTEST_TIMEOUT, LONGEST_TIMEOUT = timedelta(seconds=1), timedelta(hours=1)
SHORTEST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True)
class SourceKind:
    """`needs` and `takes` are fields beside those of every source; `open` is None where events
    come to Headway instead of being read where they are. `address` is what one looks like.

    With a `fetcher`, Headway fetches them.
    """

    title: str
    summary: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    open: Callable[[SourceDefinition, str], Warehouse] | None = None
    address: str = ""
    example: str = ""
    fetcher: Fetcher | None = None

    @property
    def is_table(self) -> bool:
        """Its events stay where they are, and are read there."""
        return self.open is not None

    @property
    def is_theirs(self) -> bool:
        """Of a database or a tool: what is read there is for admins to say."""
        return self.is_table or self.fetcher is not None

    @property
    def secret(self) -> str:
        """The field with the name of the variable that holds its secret."""
        return "dsn_env" if "dsn_env" in self.needs else "secret_env"

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.needs, *self.takes)


def _postgres(source: SourceDefinition, address: str) -> Warehouse:
    from headway.stores.postgres import PostgresStore

    return PostgresStore(address, [source.mapped], timeout=source.time_out)


def _clickhouse(source: SourceDefinition, address: str) -> Warehouse:
    from headway.stores.clickhouse import ClickHouseStore

    return ClickHouseStore(address, [source.mapped], timeout=source.time_out)


def _spark(source: SourceDefinition, conf: str) -> Warehouse:
    from headway.stores.spark import SparkStore
    from headway.stores.sparksession import settings_of

    master = source.master or LOCAL_SPARK
    return SparkStore(master, [source.mapped], timeout=source.time_out, settings=settings_of(conf))


TABLE = ("table", "at", "id")
ROW = ("event", "event_column", "user", "account", "properties")
PACE = ("timeout", "every")
COLUMNS = (*ROW, *PACE)

KINDS: Mapping[str, SourceKind] = {
    "ingest": SourceKind("Events", "Events are sent to Headway, or imported from files."),
    "postgres": SourceKind(
        "PostgreSQL",
        "A table or view of a PostgreSQL database is read where it is.",
        ("dsn_env", *TABLE),
        COLUMNS,
        _postgres,
        r"postgres(ql)?://|.*\b(host|dbname|service)\s*=",
        "postgres://user:password@host/database",
    ),
    "clickhouse": SourceKind(
        "ClickHouse",
        "A table or view of a ClickHouse server is read where it is.",
        ("dsn_env", *TABLE),
        COLUMNS,
        _clickhouse,
        r"chdb:|https?://|clickhouses?://",
        "https://user:password@host:8443/database",
    ),
    "spark": SourceKind(
        "Apache Spark",
        "A table of a Spark catalogue, or Parquet or Delta files, read by a cluster.",
        TABLE,
        ("master", *COLUMNS),
        _spark,
    ),
    "stripe": SourceKind(
        "Stripe",
        "Subscriptions and payments: from a webhook at once, and over its interface.",
        ("secret_env",),
        ("webhook_env", "account", "url", *PACE),
        fetcher=FETCHERS["stripe"],
    ),
    "desk": SourceKind(
        "Support desk",
        "Tickets of Zendesk, or of a desk with its interface for exports.",
        ("url", "secret_env"),
        ("since", *PACE),
        fetcher=FETCHERS["desk"],
    ),
    "prometheus": SourceKind(
        "Prometheus",
        "The values of an expression: availability, latency, or any other.",
        ("url", "query"),
        ("measure", "step", "event", "since", "secret_env", *PACE),
        fetcher=FETCHERS["prometheus"],
    ),
    "sql": SourceKind(
        "SQL table, copied",
        "The rows of any database are copied as they come, by a column that only grows.",
        ("dsn_env", *TABLE),
        ("changed", "since", *ROW, *PACE),
        address=r"[a-z0-9]+(\+[a-z0-9]+)?:",
        example="mysql+pymysql://user:password@host/database",
        fetcher=FETCHERS["sql"],
    ),
    "file": SourceKind(
        "File, again and again",
        "CSV, Parquet or NDJSON at an address or a path: what is new in it comes in.",
        ("url", "at"),
        ("id", *ROW, "secret_env", *PACE),
        fetcher=FETCHERS["file"],
    ),
    "sheet": SourceKind(
        "Spreadsheet",
        "A table that people keep, such as a Google Sheet published as CSV: its changes come in.",
        ("url", "id"),
        ("at", *ROW, "secret_env", *PACE),
        fetcher=FETCHERS["sheet"],
    ),
}


def parse(document: Mapping[str, Any]) -> SourceDefinition:
    """Raises DefinitionError for the first fault, with its field as `where`."""
    for fault in faults_of(document):
        where = str(fault.path[0]) if fault.path else ""
        raise DefinitionError(fault.message, where=where, fix=fault.fix)
    return read(document)


def faults_of(document: Mapping[str, Any]) -> list[Fault]:
    """Everything that is wrong with a source as it is written."""
    kind = document.get("kind", "ingest")
    if not isinstance(kind, str) or kind not in KINDS:
        fix = nearest(str(kind), KINDS) or f"Use one of {', '.join(f'`{k}`' for k in KINDS)}."
        return [Fault(("kind",), f"{shown(kind)} is not a kind of source.", fix)]
    for field in VARIABLES:
        if re.search(SECRETS, str(document.get(field, ""))):
            what = "an address" if "://" in str(document[field]) else "a key"
            message = f"This looks like {what}, which is a secret."
            fix = "Put it into an environment variable, and give the name of that."
            return [Fault((field,), message, fix)]
    found = list(faults(dict(document), shape_of(SourceDefinition), ()))
    return found or list(_faults(read(document)))


def _faults(source: SourceDefinition) -> Iterator[Fault]:
    kind, given = KINDS[source.kind], source.body()
    for name in given:
        if name not in kind.fields:
            message = f"`{name}` says nothing about a source of kind `{source.kind}`."
            yield Fault((name,), message, f"Leave it out; it takes {_listed(kind)}.")
    for name in kind.needs:
        if name not in given:
            yield Fault((name,), f"`{name}` is missing.", HINTS[name])
    if "event_column" in kind.fields and bool(source.event) == bool(source.event_column):
        yield Fault(("event",), "Give either `event` or `event_column`.", HINTS["event"])
    yield from _address_faults(source)
    yield from _pace_faults(source)


HINTS = {
    "dsn_env": "Give the name of the environment variable that holds the address of the database.",
    "secret_env": "Give the name of the environment variable that holds the key or token.",
    "url": "Give the address, such as https://example.com/orders.csv.",
    "query": "Give an expression of PromQL, such as probe_success.",
    "table": "Give the table that is read, such as `shop.orders`.",
    "at": "Name the column that says when it happened.",
    "id": "Name the column that identifies a row, so that none counts twice.",
    "event": "Use `event` for one name of all rows, `event_column` for the column with the names.",
}


def _listed(kind: SourceKind) -> str:
    return ", ".join(f"`{name}`" for name in (*OWN, *kind.fields))


def _address_faults(source: SourceDefinition) -> Iterator[Fault]:
    """Headway's own secrets are nobody's source, and those of others are not written down."""
    for field in VARIABLES:
        name = str(getattr(source, field))
        if name.upper().startswith(RESERVED):
            message = f"`{name}` is one of Headway's own settings."
            what = "address" if field == "dsn_env" else "key"
            yield Fault((field,), message, f"Put the {what} into a variable of another name.")
    if re.match(r"^[a-z]+://[^/]*@", source.url):
        message = "There is a password in the address."
        fix = "Put it into an environment variable, and give its name in `secret_env`."
        yield Fault(("url",), message, fix)
    web = re.match(r"^https?://[^/]+", source.url)
    if source.url and not web and ("://" in source.url or source.kind != "file"):
        yield Fault(("url",), f"`{source.url}` is no address.", "It begins with https://.")


def _pace_faults(source: SourceDefinition) -> Iterator[Fault]:
    if not SHORTEST_TIMEOUT <= source.time_out <= LONGEST_TIMEOUT:
        message = f"`{source.timeout}` is no time-out for a query."
        yield Fault(("timeout",), message, "Give between 1 s and 1 hour.")
    if duration(source.step) < timedelta(seconds=1):
        yield Fault(("step",), f"`{source.step}` is no step.", "Give 1 s or more.")
    if duration(source.every) < SHORTEST_PAUSE:
        message = f"`{source.every}` is too often to look at somebody else's database."
        yield Fault(("every",), message, "Give 1 minute or more.")
