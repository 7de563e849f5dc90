"""The relation that a statistic reads: the events, with traits and within a cohort if it asks.

A statistic's text reads `events`. Where it asks for accounts, and users are said to belong to some,
it reads `grouped` instead: an event that names no account is of the one that its user belonged to
by then. Where one of its properties is also a trait of users or accounts it reads `traited`, in
which an event that lacks the property has the trait that held when it happened. Where its span
names a cohort, it reads `cohort`: the events at which their subject belonged to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from headway.engine.event import COLUMNS, GROUP, IDENTIFY, PROPERTY
from headway.engine.selection import Who
from headway.engine.sql import text as t
from headway.engine.sql.queries import query
from headway.engine.statistics import Statistic

ACCOUNT = "account_id"
"""Among traits: users are said to belong to accounts."""

CARRIERS = (("user_id", IDENTIFY), ("account_id", GROUP))
"""Whose traits there are, and the event that says them; users' come before accounts'."""


def seen(statistic: Statistic, traits: frozenset[str]) -> exp.Expression:
    """The statistic's query, over primitives; `traits` are the properties that are traits.

    `account_id` is one where users are said to belong to accounts.
    """
    tree = t.parsed(query(statistic))
    who = statistic.span.who
    used = sorted(read(statistic))
    kept = [name for name in used if name in traits]
    tables: dict[str, str] = {}
    if ACCOUNT in traits and (kept or _asks_for_accounts(tree, who)):
        tables |= {"belonging": _belonging(), "grouped": _grouped(used)}
    if kept:
        tables |= dict(_traited(used, kept, "grouped" if tables else "events"))
    if who:
        tables |= _members(who, list(tables)[-1] if tables else "events")
    return _over(tree, tables) if tables else tree


def read(statistic: Statistic) -> frozenset[str]:
    """The properties that the statistic looks at."""
    who = statistic.span.who
    cohort = _properties(t.parsed(_cohort(who, "x"))) if who else set()
    return frozenset(_properties(t.parsed(query(statistic))) | cohort)


def carried(columns: Iterable[str]) -> exp.Expression:
    """One row: of each property, in how many events that say traits it stands; and how many say to
    which account a user belongs.
    """
    names = [c.removeprefix(PROPERTY) for c in sorted(columns) if c.startswith(PROPERTY)]
    counts = [f"COUNT({t.prop(name)}) AS {_quoted(name)}" for name in names]
    markers = ", ".join(t.literal(marker) for _, marker in CARRIERS)
    groups = f"CASE WHEN event = {t.literal(GROUP)} AND user_id IS NOT NULL THEN account_id END"
    counts.append(f"COUNT({groups}) AS {ACCOUNT}")
    return t.parsed(
        f"SELECT {', '.join(['COUNT(*) AS n', *counts])} FROM events WHERE event IN ({markers})"
    )


def _quoted(name: str) -> str:
    """As the column of a property is written."""
    return str(exp.to_identifier(PROPERTY + name, quoted=True).sql("duckdb"))


def _properties(tree: exp.Expression) -> set[str]:
    return _named(tree) - set(COLUMNS)


def _named(tree: exp.Expression) -> set[str]:
    calls = (n for n in tree.find_all(exp.Anonymous) if n.name.upper() == "PROP")
    return {n.expressions[0].name for n in calls}


def _over(tree: exp.Expression, tables: dict[str, str]) -> exp.Expression:
    """Reads the last of the tables in place of `events`, and puts them all before the rest."""
    *_, last = tables
    for table in tree.find_all(exp.Table):
        if table.name == "events":
            table.set("this", exp.to_identifier(last))
    first = [
        exp.CTE(this=t.parsed(sql), alias=exp.TableAlias(this=exp.to_identifier(name)))
        for name, sql in tables.items()
    ]
    before = tree.args.get("with_") or exp.With()
    before.set("expressions", [*first, *before.expressions])
    tree.set("with_", before)
    return tree


def _asks_for_accounts(tree: exp.Expression, who: Who | None) -> bool:
    trees = [tree, t.parsed(_cohort(who, "x"))] if who else [tree]
    columns = (c.name for one in trees for c in one.find_all(exp.Column))
    return ACCOUNT in columns or any(ACCOUNT in _named(one) for one in trees)


def _belonging() -> str:
    """From when until when a user belonged to which account; the last one said of an instant."""
    return f"""
        SELECT user_id AS id, MICROS(happened_at) AS since, account_id AS account,
            LEAD(MICROS(happened_at)) OVER (PARTITION BY user_id ORDER BY happened_at, message_id)
                AS until
        FROM events
        WHERE event = {t.literal(GROUP)} AND user_id IS NOT NULL AND account_id IS NOT NULL"""


def _grouped(used: list[str]) -> str:
    own = [name for name in (*COLUMNS, "source") if name != ACCOUNT]
    columns = [f"{t.prop(name)} AS {_quoted(name)}" for name in used]
    return f"""
        SELECT {", ".join([*own, *columns])}, COALESCE(account_id, belonging.account) AS account_id
        FROM events LEFT JOIN belonging ON user_id = belonging.id
            AND MICROS(happened_at) >= belonging.since
            AND MICROS(happened_at) < COALESCE(belonging.until, {t.NEVER})"""


def _traited(used: list[str], kept: list[str], relation: str) -> Iterator[tuple[str, str]]:
    """Each trait's stretches of time by subject, then the events with the traits filled in."""
    sides = [
        (f"{owner}_{i}", owner, marker, name)
        for i, name in enumerate(kept)
        for owner, marker in CARRIERS
    ]
    for alias, owner, marker, name in sides:
        yield alias, _said(owner, marker, name)
    joins = " ".join(_held(alias, owner) for alias, owner, _, _ in sides)
    columns = [_column(name, kept) for name in used]
    yield "traited", f"SELECT {', '.join([*COLUMNS, 'source', *columns])} FROM {relation} {joins}"


def _said(owner: str, marker: str, name: str) -> str:
    """From when until when the owner had which value."""
    return f"""
        SELECT {owner} AS id, MICROS(happened_at) AS since, {t.prop(name)} AS said,
            LEAD(MICROS(happened_at)) OVER (PARTITION BY {owner} ORDER BY happened_at, message_id)
                AS until
        FROM events
        WHERE event = {t.literal(marker)} AND {t.prop(name)} IS NOT NULL AND {owner} IS NOT NULL"""


def _held(alias: str, owner: str) -> str:
    return f"""LEFT JOIN {alias} ON {owner} = {alias}.id AND MICROS(happened_at) >= {alias}.since
        AND MICROS(happened_at) < COALESCE({alias}.until, {t.NEVER})"""


def _column(name: str, kept: list[str]) -> str:
    value = t.prop(name)
    if name in kept:
        i = kept.index(name)
        value = f"COALESCE({value}, {', '.join(f'{owner}_{i}.said' for owner, _ in CARRIERS)})"
    return f"{value} AS {_quoted(name)}"


def _members(who: Who, relation: str) -> dict[str, str]:
    """The stretches of time in which a subject belongs, then the events within them."""
    subject = t.subject(who.by)
    return {
        "members": _cohort(who, relation),
        "cohort": f"""
            SELECT e.* FROM {relation} AS e JOIN members ON {subject} = members.id
                AND MICROS(happened_at) >= members.since AND MICROS(happened_at) < members.until""",
    }


def _cohort(who: Who, relation: str) -> str:
    """A subject belongs from the last of `at_least` deeds on, until the first of them is too old.

    Its stretches end where the next deed begins another, so that they do not overlap.
    """
    subject, over = t.subject(who.by), "OVER (PARTITION BY id ORDER BY at, m)"
    old = f"COALESCE(LEAD(at) {over}, {t.NEVER})"
    first = "at" if who.at_least == 1 else f"LAG(at, {who.at_least - 1}) {over}"
    until = old if who.within is None else f"LEAST({old}, first + {who.within + 1})"
    after = "" if who.since is None else f" AND happened_at >= INSTANT({who.since})"
    return f"""
        SELECT id, at AS since, {until} AS until FROM (
            SELECT id, at, m, {first} AS first FROM (
                SELECT {subject} AS id, MICROS(happened_at) AS at, message_id AS m
                FROM {relation} WHERE {t.matches(who.did)} AND {subject} IS NOT NULL{after}
            ) AS deeds
        ) AS counted WHERE first IS NOT NULL"""
