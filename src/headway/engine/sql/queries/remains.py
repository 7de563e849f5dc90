"""Which old events have to stay."""

from __future__ import annotations

from headway.engine.money import Money
from headway.engine.remnant import Remains
from headway.engine.sql import text as t

KNOWN = "SELECT source, m FROM"


def remains(of: Remains) -> str:
    if of.of.how == "all":
        return f"SELECT source, message_id AS m FROM events WHERE {_chosen(of)}"
    if of.of.how == "newest":
        return f"WITH e AS ({_events(of)}), {_newest('e', of.of.count)} {KNOWN} newest"
    if of.of.how == "standing":
        return f"WITH e AS ({_events(of)}), {_changes()}, {_newest('changes', 1)} {KNOWN} newest"
    return f"""
        WITH e AS ({_events(of)}), {_changes()},
        lasts AS (
            SELECT source, m, ROW_NUMBER() OVER (PARTITION BY c ORDER BY t DESC, m DESC) AS k
            FROM e
        )
        {KNOWN} changes UNION {KNOWN} lasts WHERE k = 1"""


def _chosen(of: Remains) -> str:
    return f"{t.within(of.span)} AND {t.matches(of.of.match)}"


def _events(of: Remains) -> str:
    """s the segment, u the subject, c the customer, o the amount as written, in the currency k."""
    subject, value = t.subject(of.of.by), of.value
    customer = t.subject(of.of.customer) if of.of.customer else subject
    written = value.property if isinstance(value, Money) else value
    here = [_chosen(of), f"{subject} IS NOT NULL", f"{customer} IS NOT NULL"]
    here += [] if value is None else [f"{t.number(value)} IS NOT NULL"]
    return f"""
            SELECT source, message_id AS m, MICROS(happened_at) AS t, {subject} AS u,
                {customer} AS c, {t.segment(of.segment)} AS s,
                {"0" if written is None else t.number(written)} AS o,
                {t.currency(value) if isinstance(value, Money) else "''"} AS k
            FROM events WHERE {" AND ".join(here)}"""


def _changes() -> str:
    over = "OVER (PARTITION BY u ORDER BY t, m)"
    return f"""
        was AS (
            SELECT e.*, LAG(o) {over} AS o0, LAG(k) {over} AS k0, LAG(s) {over} AS s0,
                LAG(c) {over} AS c0
            FROM e
        ),
        changes AS (
            SELECT source, m, t, u FROM was
            WHERE o0 IS NULL OR o <> o0 OR k <> k0 OR s <> s0 OR c <> c0
        )"""


def _newest(table: str, count: int) -> str:
    per = "u" if table == "changes" else "u, s"
    return f"""
        ranked AS (
            SELECT source, m, ROW_NUMBER() OVER (PARTITION BY {per} ORDER BY t DESC, m DESC) AS r
            FROM {table}
        ),
        newest AS (SELECT source, m FROM ranked WHERE r <= {count})"""
