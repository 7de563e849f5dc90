"""The primitives in ClickHouse, and what else must be said so that it reads SQL as others do."""

from __future__ import annotations

from functools import partial

from sqlglot import exp

from headway.engine.sql.emitter import NUMERAL, Emitter, bounded, by_type, call, template, type_of

SETTINGS = {
    "join_use_nulls": "1",
    "prefer_column_name_to_alias": "1",
    "enable_extended_results_for_datetime_functions": "1",
    "session_timezone": "UTC",
}
"""With these, a row without a partner is NULL, and a name is a column before it is an alias."""

sql = partial(template, "clickhouse")
PATTERN = NUMERAL.replace("\\", r"\\")

TEXTS = {
    "text": sql(":x", "x"),
    "int": sql("toString(:x)", "x"),
    "flag": sql("toString(:x)", "x"),
    "double": sql(
        "concat(toString(:x), CASE WHEN :x = trunc(:x) AND abs(:x) < 1e16 THEN '.0' ELSE '' END)",
        "x",
    ),
}
NUMBERS = {
    "int": sql("toFloat64(:x)", "x"),
    "flag": sql("toFloat64(:x)", "x"),
    "double": sql(":x", "x"),
    "text": sql(
        f"CASE WHEN match(:x, '{PATTERN}')"
        r" THEN toFloat64OrNull(replaceRegexpAll(:x, '\\s', '')) END",
        "x",
    ),
}
FLAGS = {
    "flag": sql(":x", "x"),
    "int": sql(":x <> 0", "x"),
    "double": sql(":x <> 0", "x"),
    "text": sql(
        """CASE WHEN lower(:x) IN ('true', 't', 'yes', 'y', '1') THEN TRUE
        WHEN lower(:x) IN ('false', 'f', 'no', 'n', '0') THEN FALSE END""",
        "x",
    ),
}
PARTS = {"1": "Month", "3": "Quarter", "12": "Year"}
DATE = "addDays(toDate32('1970-01-01'), :d)"
COUNTING = (exp.Count, exp.RowNumber, exp.Rank, exp.DenseRank)


def _number(arguments: list[exp.Expression]) -> exp.Expression:
    value = by_type(NUMBERS)(arguments)
    return bounded(value) if type_of(arguments[0]) == "double" else value


def _period_start(arguments: list[exp.Expression]) -> exp.Expression:
    start = f"toStartOf{PARTS[arguments[1].name]}({DATE})"
    return sql(f"toInt64(dateDiff('day', toDate32('1970-01-01'), {start}))", "d")(arguments[:1])


def _adapt(tree: exp.Expression) -> exp.Expression:
    """Whole numbers are signed; a window without rows and a division by zero are NULL."""
    for literal in list(tree.find_all(exp.Literal)):
        if literal.is_int and _is_value(literal):
            small = int(literal.name) < 2**31
            literal.replace(call("toInt32" if small else "toInt64", literal.copy()))
    for division in list(tree.find_all(exp.Div)):
        division.set("expression", call("nullIf", division.expression, exp.Literal.number(0)))
    for window in list(tree.find_all(exp.Window)):
        of = window.this
        if isinstance(of, COUNTING):
            window.replace(call("toInt64", window.copy()))
        elif isinstance(of, exp.Func):
            of.set("this", call("toNullable", of.this))
    for count in list(tree.find_all(exp.Count)):
        if not isinstance(count.parent, exp.Window):
            count.replace(call("toInt64", count.copy()))
    return tree


def _is_value(literal: exp.Expression) -> bool:
    """Whether a column's values come from it: of 1 alone ClickHouse makes the smallest integer,
    without a sign, which has no type in common with a signed one; 64 bits have none with doubles.
    """
    parent = literal.parent
    if isinstance(parent, exp.If | exp.Case):
        return literal.arg_key in ("true", "default")
    return isinstance(parent, exp.Alias | exp.Coalesce)


CLICKHOUSE = Emitter(
    "clickhouse",
    {
        "TEXT": by_type(TEXTS),
        "NUMBER": _number,
        "FLAG": by_type(FLAGS),
        "MICROS": sql("toUnixTimestamp64Micro(:t)", "t"),
        "INSTANT": sql("fromUnixTimestamp64Micro(:t, 'UTC')", "t"),
        "INTDIV": sql("intDiv(:a, :b)", "a", "b"),
        "PERIOD_START": _period_start,
        "MONTH_INDEX": sql(f"toInt64(toYear({DATE})) * 12 + toMonth({DATE})", "d"),
        "TOTAL_OF": sql("sumKahan(:v)", "v"),
        "QUANTILE_AT": lambda a: exp.ParameterizedAgg(
            this=exp.to_identifier("quantileExactInclusive"), expressions=[a[1]], params=[a[0]]
        ),
        "HAS_TEXT": sql("position(:a, :b) > 0", "a", "b"),
    },
    _adapt,
)
