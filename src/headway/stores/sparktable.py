"""One table or folder of files as Spark sees it, and the store's columns in its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING

import pyarrow as pa
import sqlglot
from sqlglot import exp

from headway.engine.errors import StoreError, nearest
from headway.engine.event import COLUMNS, PROPERTY
from headway.engine.sql.emitter import Type
from headway.engine.sql.spark import TEXTS
from headway.stores.mapped import MappedTable
from headway.stores.sparksession import reason

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import DataType, StructField, StructType

INSTANTS = ("timestamp", "timestamp_ntz", "date")
TYPES: Mapping[str, Type] = {
    "boolean": "flag",
    "tinyint": "int", "smallint": "int", "int": "int", "bigint": "int",
    "float": "double", "double": "double", "decimal": "double",
}  # fmt: skip
"""Spark's types as those of properties; what is not listed is a text."""

SPARK_TYPES: Mapping[Type, str] = {
    "flag": "BOOLEAN", "int": "BIGINT", "double": "DOUBLE", "text": "STRING",
}  # fmt: skip
NESTED = ("struct", "array", "map", "variant")


@dataclass(frozen=True)
class Column:
    """A column, or a field inside one, as Spark's SQL names it."""

    sql: str
    type_name: str

    @property
    def type(self) -> Type:
        return TYPES.get(self.type_name, "text")

    @property
    def value(self) -> str:
        if self.type_name in NESTED:
            return f"TO_JSON({self.sql})"
        return f"CAST({self.sql} AS {SPARK_TYPES[self.type]})"


class SparkTable:
    """Raises StoreError where Spark cannot find or read it."""

    def __init__(self, mapped: MappedTable, session: SparkSession) -> None:
        self.mapped = mapped
        self.frame = _read(mapped.table, session)

    def problems(self) -> Iterator[str]:
        for name in self.mapped.columns:
            if name not in self._columns:
                fix = nearest(name, self.frame.columns) or f"It has {_some(self.frame.columns)}."
                yield f"{self.mapped.table} has no column `{name}`. {fix}"
        at = self._columns.get(self.mapped.at)
        if at is not None and at.type_name not in INSTANTS:
            yield (
                f"The column `{self.mapped.at}` of {self.mapped.table} is a {at.type_name}, not a "
                "time. Map a column of type TIMESTAMP, or a view that casts it to one."
            )

    @property
    def types(self) -> dict[str, Type]:
        """Property → type."""
        return {name: self._columns[c].type for name, c in self._mapped_properties}

    def rows(self, types: Mapping[str, Type]) -> DataFrame:
        """The events, with a column for each of these properties."""
        if problems := list(self.problems()):
            raise StoreError("\n".join(problems), where=f"source `{self.mapped.source}`")
        of = dict(self._mapped_properties)
        wanted = [f"{value} AS {name}" for name, value in self._fixed.items()]
        wanted += [
            f"{self._property(of.get(name), type_)} AS {quoted(PROPERTY + name)}"
            for name, type_ in types.items()
        ]
        return self.frame.selectExpr(*wanted)

    @property
    def _fixed(self) -> dict[str, str]:
        """The store's own columns."""
        one = self.mapped
        event = self._text(one.event_column) if one.event_column else _literal(one.event)
        return {
            "message_id": self._text(one.id),
            "event": event,
            "happened_at": f"CAST({self._columns[one.at].sql} AS TIMESTAMP)",
            "user_id": self._text(one.user),
            "account_id": self._text(one.account),
            "received_at": "CAST(NULL AS TIMESTAMP)",
            "source": _literal(one.source),
        }

    def _property(self, column: str | None, type_: Type) -> str:
        if column is None:
            return f"CAST(NULL AS {SPARK_TYPES[type_]})"
        if type_ == "text":
            return self._text(column)
        return f"CAST({self._columns[column].sql} AS {SPARK_TYPES[type_]})"

    def _text(self, column: str) -> str:
        """As every engine writes it; NULL where no column is mapped."""
        if not column:
            return "CAST(NULL AS STRING)"
        found = self._columns[column]
        value = sqlglot.parse_one(found.value, read="spark")
        return TEXTS[found.type]([value]).sql("spark")

    @property
    def _mapped_properties(self) -> tuple[tuple[str, str], ...]:
        return tuple(dict(self.mapped.properties).items())

    @cached_property
    def _columns(self) -> dict[str, Column]:
        """Each mapped name that there is; in any case, as Spark takes names."""
        found = ((name, _found(name, self.frame.schema)) for name in self.mapped.columns)
        return {name: column for name, column in found if column is not None}


def united(tables: Sequence[SparkTable]) -> tuple[DataFrame, dict[str, Type]]:
    """All tables' events, and their properties' types."""
    types: dict[str, Type] = {}
    for table in tables:
        for name, type_ in table.types.items():
            types[name] = _wider(types.get(name, type_), type_)
    frames = [table.rows(types) for table in tables]
    return reduce(lambda one, other: one.unionByName(other), frames), types


def _wider(one: Type, other: Type) -> Type:
    if one == other:
        return one
    return "double" if {one, other} == {"int", "double"} else "text"


def quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("spark")


def _literal(text: str) -> str:
    return exp.Literal.string(text).sql("spark")


def _read(table: str, session: SparkSession) -> DataFrame:
    """By its name in the catalogue, or as files of a format."""
    format_, colon, path = table.partition(":")
    files = colon and format_ in FORMATS
    try:
        if not files:
            session.catalog.refreshTable(table)
            return session.table(table)
        session.catalog.refreshByPath(path)
        return session.read.format(format_).options(**FORMATS[format_]).load(path)
    except Exception as error:  # py4j's and pyspark's have nothing in common
        raise StoreError(_why(error, path if files else table), where=table) from error


FORMATS = {"parquet": {"mergeSchema": "true"}, "delta": {}, "orc": {"mergeSchema": "true"}}


def _why(error: Exception, place: str) -> str:
    condition = getattr(error, "getCondition", lambda: None)() or ""
    for known, sentence in REASONS.items():
        if condition.startswith(known):
            return sentence.format(place=place)
    return f"Spark cannot read it: {reason(error)}"


REASONS = {
    "TABLE_OR_VIEW_NOT_FOUND": "Spark's catalogue has no table {place}. Correct the name, or give "
    "files as parquet:/folder.",
    "SCHEMA_NOT_FOUND": "Spark's catalogue has no schema for {place}. Correct the name.",
    "PATH_NOT_FOUND": "There is no {place}. Correct the path; every worker must reach it.",
    "UNABLE_TO_INFER_SCHEMA": "There are no such files in {place}.",
    "DATA_SOURCE_NOT_FOUND": "This Spark cannot read Delta tables. Add io.delta:delta-spark to "
    "spark.jars.packages in HEADWAY_SPARK_CONF.",
}


def _found(name: str, schema: StructType) -> Column | None:
    """A column of this name, or else the field that the name leads to, such as `shop.country`."""
    field = _field(name, schema)
    if field is not None:
        return Column(quoted(field.name), _type_name(field.dataType))
    head, dot, rest = name.partition(".")
    inside = _field(head, schema) if dot else None
    if inside is None or inside.dataType.typeName() != "struct":
        return None
    found = _found(rest, inside.dataType)
    return found and Column(f"{quoted(inside.name)}.{found.sql}", found.type_name)


def _field(name: str, schema: StructType) -> StructField | None:
    """Spark tells columns apart without regard to case."""
    alike = [field for field in schema.fields if field.name.lower() == name.lower()]
    return alike[0] if alike else None


def _type_name(of: DataType) -> str:
    return re.split("[(<]", of.simpleString())[0]


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:12])
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown


def given(table: pa.Table, session: SparkSession) -> tuple[DataFrame, dict[str, Type]]:
    """Events in memory, in the store's columns, and their properties' types."""
    nothing = {name: pa.nulls(len(table), _arrow_type(name)) for name in COLUMNS}
    source = {"source": pa.repeat(pa.scalar("", pa.string()), len(table))}
    types = {f.name: _type_of(f.type) for f in table.schema}
    columns = {name: _plain(table[name], type_) for name, type_ in types.items()}
    frame = session.createDataFrame(pa.table(nothing | source | columns))
    return frame, {n.removeprefix(PROPERTY): t for n, t in types.items() if n.startswith(PROPERTY)}


def _arrow_type(name: str) -> pa.DataType:
    return pa.timestamp("us", "UTC") if name.endswith("_at") else pa.string()


def _type_of(type_: pa.DataType) -> Type:
    if pa.types.is_boolean(type_):
        return "flag"
    if pa.types.is_integer(type_):
        return "int"
    return "double" if pa.types.is_floating(type_) else "text"


def _plain(column: pa.ChunkedArray, type_: Type) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", "UTC"))
    return column.cast(ARROW_TYPES[type_])


ARROW_TYPES: Mapping[Type, pa.DataType] = {
    "flag": pa.bool_(), "int": pa.int64(), "double": pa.float64(), "text": pa.string(),
}  # fmt: skip
