"""What a query of one's own may say: one SELECT over `events`, made of what is listed here.

A query is read into a syntax tree, every node of the tree has to be known to do nothing but
compute, and what is run is written anew from the tree. So nothing passes that is not understood: no
table but `events` and the query's own, no function that is not listed, no setting, file or network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from headway.engine.errors import DefinitionError
from headway.engine.event import COLUMNS

EVENTS = "events"
GIVEN = "_events"
LOCAL = ("day", "period")
"""Columns that events have in a query beside their own: local dates."""

PLACEHOLDERS = ("start", "end", "grain")
NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")

QUERIES = (exp.Select, exp.Union, exp.Except, exp.Intersect)
PLAIN = frozenset(
    {
        exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.With, exp.CTE,
        exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Qualify, exp.Order, exp.Ordered,
        exp.Limit, exp.Offset, exp.Distinct, exp.Table, exp.TableAlias, exp.Identifier, exp.Column,
        exp.Alias, exp.Literal, exp.Null, exp.Boolean, exp.Star, exp.Paren, exp.Tuple, exp.Var,
        exp.Placeholder, exp.Window, exp.WindowSpec, exp.Filter, exp.Case, exp.If, exp.Cast,
        exp.TryCast, exp.DataType, exp.Interval, exp.GroupingSets, exp.Rollup, exp.Cube,
    }
)  # fmt: skip
OPERATORS = frozenset(
    {
        exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In,
        exp.Between, exp.Like, exp.ILike, exp.Exists, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add,
        exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe,
    }
)  # fmt: skip
FUNCTIONS = frozenset(
    {
        exp.Count, exp.CountIf, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, exp.Stddev,
        exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop, exp.PercentileCont,
        exp.PercentileDisc, exp.ApproxDistinct, exp.ArgMax, exp.ArgMin, exp.RowNumber, exp.Rank,
        exp.DenseRank, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.Coalesce,
        exp.Nullif, exp.Greatest, exp.Least, exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Sign,
        exp.Sqrt, exp.Pow, exp.Exp, exp.Ln, exp.Log, exp.Lower, exp.Upper, exp.Trim, exp.Length,
        exp.Substring, exp.Left, exp.Right, exp.Concat, exp.StrPosition, exp.StartsWith,
        exp.Contains, exp.DateTrunc, exp.TimestampTrunc, exp.DateDiff, exp.Extract, exp.Year,
        exp.Month, exp.Day, exp.Hour,
    }
)  # fmt: skip
ALLOWED = PLAIN | OPERATORS | FUNCTIONS
TYPES = frozenset(
    {
        exp.DataType.Type[name]
        for name in (
            "BOOLEAN", "INT", "BIGINT", "SMALLINT", "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "TEXT",
            "DATE", "TIMESTAMP", "TIMESTAMPTZ", "INTERVAL",
        )
    }
)  # fmt: skip
TABLE_ARGS = frozenset({"this", "alias"})
WRITTEN = frozenset({"day", "period", *COLUMNS})


def columns_of(sql: str) -> tuple[str, ...]:
    """The names of what the query returns. Raises DefinitionError for what it may not say."""
    return tuple(name.lower() for name in _read(sql).named_selects)


def properties_of(sql: str) -> tuple[str, ...]:
    """The properties of events that it reads: names that are neither a column nor only its own."""
    tree = _read(sql)
    own = {alias.alias for alias in tree.find_all(exp.Alias)}
    own |= {c.name for alias in tree.find_all(exp.TableAlias) for c in alias.columns}
    read = {c.name for c in tree.find_all(exp.Column) if c.name not in own or _first_hand(c)}
    return tuple(sorted(read - WRITTEN - {"*", ""}))


def _first_hand(column: exp.Column) -> bool:
    """Whether a name is used where a name of the query's own could not be."""
    return column.find_ancestor(exp.AggFunc, exp.Where) is not None


def written(sql: str, values: dict[str, str]) -> str:
    """The query over the relation `_events`, with SQL in place of `$start`, `$end` and `$grain`."""
    tree = _read(sql).copy()
    for node in list(tree.find_all(exp.Placeholder)):
        node.replace(sqlglot.parse_one(values[node.name], read="duckdb"))
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.name.lower() == EVENTS and EVENTS not in own:
            alias = table.alias or EVENTS
            table.replace(exp.alias_(exp.to_table(GIVEN), alias, table=True))
    return tree.sql("duckdb", comments=False)


@lru_cache(maxsize=256)
def _read(sql: str) -> exp.Query:
    try:
        trees = [tree for tree in sqlglot.parse(sql, read="duckdb") if tree is not None]
    except (SqlglotError, RecursionError) as error:
        said = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).partition("\n")[0]
        raise _refused(f"The query cannot be read: {said}", "Mend it there.") from None
    if len(trees) != 1:
        raise _refused(f"There are {len(trees)} statements.", "Write one SELECT.")
    tree = trees[0]
    if not isinstance(tree, QUERIES):
        raise _refused(f"`{tree.key.upper()}` is not allowed.", "Write one SELECT.")
    for node in tree.walk():
        _check(node, tree)
    _check_tables(tree)
    return tree


def _check(node: exp.Expr, tree: exp.Query) -> None:
    if type(node) not in ALLOWED:
        raise _refused(f"`{_shown(node)}` is not allowed.", "A query computes with `events` only.")
    if isinstance(node, exp.DataType) and node.this not in TYPES:
        raise _refused(f"The type `{node.sql('duckdb')}` is not allowed.", "Use a plain type.")
    if isinstance(node, exp.Placeholder) and node.name not in PLACEHOLDERS:
        raise _refused(f"`${node.name}` is not known.", "There are `$start`, `$end` and `$grain`.")
    if isinstance(node, exp.With) and (node.recursive or node.parent is not tree):
        raise _refused(
            "WITH is allowed once, at the beginning, and not RECURSIVE.", "Move it there."
        )
    if isinstance(node, exp.Identifier) and node.name == GIVEN:
        raise _refused(f"`{GIVEN}` is not a name of yours.", "Take another.")


def _shown(node: exp.Expr) -> str:
    return node.name.upper() if isinstance(node, exp.Anonymous) else node.key.upper()


def _check_tables(tree: exp.Query) -> None:
    """Each table is `events` or a query of the WITH that stands before; a name means one thing."""
    known = {EVENTS}
    for cte in tree.ctes:
        _check_names(cte.this, known)
        name = cte.alias.lower()
        if not NAME.match(name) or name in known:
            raise _refused(f"`{cte.alias}` is not a name for a query in WITH.", "Take another.")
        known.add(name)
    _check_names(tree, known)


def _check_names(tree: exp.Expr, known: Iterable[str]) -> None:
    for table in _tables(tree):
        given = {k for k, v in table.args.items() if v}
        if not isinstance(table.this, exp.Identifier) or given - TABLE_ARGS:
            raise _refused(f"`{table.sql('duckdb')}` is not allowed as a table.", _only(known))
        if table.name.lower() not in known:
            raise _refused(f"There is no table `{table.name}`.", _only(known))


def _tables(tree: exp.Expr) -> list[exp.Table]:
    """Those of the query itself, without those of its WITH."""
    return [
        table
        for table in tree.find_all(exp.Table)
        if table.find_ancestor(exp.CTE) is tree.find_ancestor(exp.CTE)
    ]


def _only(known: Iterable[str]) -> str:
    return f"Read {', '.join(f'`{name}`' for name in sorted(known))}."


def _refused(message: str, fix: str) -> DefinitionError:
    return DefinitionError(message, where="sql", fix=fix)
