"""Segment's `track` messages as columns at once, without an object for each of them.

Whatever is not plain is left to the dialect, entry by entry, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headway.engine.event import PROPERTY
from headway.ingest.dialects.dialect import Delivery
from headway.ingest.dialects.properties import MOST
from headway.ingest.dialects.saying import LONGEST_EVENT, LONGEST_ID, NOBODY, STRETCH
from headway.ingest.dialects.segment import CONTEXT, NAMES, opened
from headway.ingest.dialects.times import AHEAD, EARLIEST, EPOCH, JITTER
from headway.ingest.inflow.columnar import Odd, given, member, objects, properties, width
from headway.stores.columns import INT, TEXT
from headway.stores.instants import INSTANT

PATHS = ("/v1/batch", "/v1/b")
FEW = 16
"""Deliveries among which an odd one is not looked for any longer."""

BROADEST = 20e9
"""Names times bytes that are read together: memory grows with both, as each name is a column."""

LONG, SHORT = r"(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])", r"(0[469]|11)-(0[1-9]|[12]\d|30)"
DAY = rf"(02-(0[1-9]|1\d|2[0-8])|{LONG}|{SHORT})"
CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
TIME = rf"^[12]\d{{3}}-{DAY}T{CLOCK}:[0-5]\d(\.\d{{1,6}})?(Z|[+-]{CLOCK})$"
"""Times that certainly exist; a 29th of February is left to the dialect."""

MICRO = timedelta(microseconds=1)
UNSAID = ("", "$direct", "-1")
ELSEWHERE = ("sentAt", "groupId")
"""What an entry may say that is seldom said: left to the dialect."""

Micros = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Left:
    """What the dialect has to read. Of the delivery at `index`, the entries at `places` are in it;
    None: it is whole.
    """

    index: int
    delivery: Delivery
    places: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Found:
    tables: tuple[pa.Table, ...] = ()
    left: tuple[Left, ...] = ()


def read(deliveries: Sequence[Delivery]) -> Found:
    chosen = _plain(deliveries)
    others = set(range(len(deliveries))).difference(chosen)
    rest = tuple(Left(i, deliveries[i]) for i in sorted(others))
    found = _read(deliveries, chosen)
    return Found(found.tables, (*found.left, *rest))


def _plain(deliveries: Sequence[Delivery]) -> list[int]:
    """Escapes may hold what no file of text can; line breaks would end a line."""
    batches = [i for i, d in enumerate(deliveries) if d.path in PATHS and d.body[:1] == b"{"]
    whole = b"".join(deliveries[i].body for i in batches)
    if not _is_odd(whole):
        return batches
    return [i for i in batches if not _is_odd(deliveries[i].body)]


def _is_odd(body: bytes) -> bool:
    return b"\\u" in body or b"\n" in body or b"\r" in body


def _read(deliveries: Sequence[Delivery], chosen: list[int]) -> Found:
    """Where types differ among deliveries, or names are very many, fewer are read together."""
    if len(chosen) < FEW:
        return Found((), tuple(Left(i, deliveries[i]) for i in chosen))
    bodies = [deliveries[i].body for i in chosen]
    try:
        if width(bodies) * sum(map(len, bodies)) > BROADEST:
            raise pa.ArrowInvalid("Its columns would not fit into memory.")
        return _columns(objects(bodies), deliveries, chosen)
    except (pa.ArrowException, UnicodeDecodeError):
        half = len(chosen) // 2
        one, other = _read(deliveries, chosen[:half]), _read(deliveries, chosen[half:])
        return Found((*one.tables, *other.tables), (*one.left, *other.left))


def _columns(rows: pa.Table, deliveries: Sequence[Delivery], chosen: list[int]) -> Found:
    batches = rows["batch"].combine_chunks() if "batch" in rows.column_names else None
    if batches is None or batches.null_count or not pa.types.is_list(batches.type):
        raise pa.ArrowInvalid("A delivery has no batch.")
    entries, parents = batches.flatten(), np.asarray(pc.list_parent_indices(batches))
    if not pa.types.is_struct(entries.type) or entries.null_count:
        raise pa.ArrowInvalid("An entry is no object.")
    sent = rows["sentAt"].combine_chunks() if "sentAt" in rows.column_names else None
    table, odd = _events(entries, parents, [deliveries[i] for i in chosen], sent)
    left = _left(deliveries, chosen, odd, parents, given(table["message_id"].combine_chunks()))
    plain = table.filter(pa.array(~odd)) if odd.any() else table
    return Found((_without_empty(plain),), tuple(left))


def _events(
    entries: pa.Array,
    parents: npt.NDArray[np.int64],
    sent_with: list[Delivery],
    sent: pa.Array | None,
) -> tuple[pa.Table, Odd]:
    odd = ~_is(entries, "type", "track")
    for name in ELSEWHERE:
        odd |= given(member(entries, name))
    received, off = _clocks(sent_with, sent)
    at = _times(entries, received[parents], off[parents], odd)
    message_id = _text(member(entries, "messageId"), LONGEST_ID, odd)
    event = _text(member(entries, "event"), LONGEST_EVENT, odd)
    odd |= ~(given(message_id) & given(event))
    user, anonymous = (_who(member(entries, name), odd) for name in ("userId", "anonymousId"))
    odd |= _links(user, anonymous, at)
    columns = {
        "message_id": message_id,
        "event": event,
        "happened_at": pa.array(at).cast(INSTANT),
        "user_id": pc.coalesce(user, anonymous),
        "account_id": pa.nulls(len(entries), TEXT),
        "received_at": pa.array(received[parents]).cast(INSTANT),
    }
    return pa.table(columns | _properties(entries, odd)), odd


def _properties(entries: pa.Array, odd: Odd) -> dict[str, pa.Array]:
    context = member(entries, "context")
    odd |= given(member(context, "groupId"))
    said = _context(context, odd)
    own = properties(member(entries, "properties"), MOST - len(said), odd)
    for name in set(said) & set(own):
        odd |= given(own.pop(name))
    return {PROPERTY + name: column for name, column in {**said, **own}.items()}


def _is(entries: pa.Array, name: str, wanted: str) -> Odd:
    values = member(entries, name)
    if values.type != TEXT:
        return np.zeros(len(entries), np.bool_)
    return np.asarray(pc.fill_null(pc.equal(values, wanted), False))


def _clocks(deliveries: list[Delivery], sent: pa.Array | None) -> tuple[Micros, Micros]:
    """When each delivery came, and by how much its sender's clock was off."""
    received = [_micros(one.received_at) for one in deliveries]
    texts = sent.to_pylist() if sent is not None else [None] * len(deliveries)
    envelopes = (
        opened(replace(one, body=msgspec.json.encode({"sentAt": text, "batch": []})))
        for one, text in zip(deliveries, texts, strict=True)
    )
    off = [r - _micros(e.sent) if e.sent else 0 for r, e in zip(received, envelopes, strict=True)]
    return np.array(received, np.int64), np.array(off, np.int64)


def _micros(at: datetime) -> int:
    return (at - EPOCH) // MICRO


def _times(entries: pa.Array, received: Micros, off: Micros, odd: Odd) -> Micros:
    """As `happened` of the dialects says it."""
    timestamp, original = (_said(member(entries, n)) for n in ("timestamp", "originalTimestamp"))
    both = given(timestamp) & given(original)
    said = original if pa.types.is_null(timestamp.type) else timestamp
    if not pa.types.is_null(original.type) and said is timestamp:
        said = pc.coalesce(timestamp, original)
    if said.type != TEXT:
        odd |= True
        return received
    own = np.asarray(_instants(said, odd))
    moved = np.where(both | (np.abs(off) <= JITTER // MICRO), own, own + off)
    credible = (moved >= _micros(EARLIEST)) & (moved <= received + AHEAD // MICRO)
    return np.where(credible, moved, received)


def _instants(said: pa.Array, odd: Odd) -> pa.Array:
    """In microseconds. Where all are times, none of them is looked at twice."""
    odd |= ~given(said)
    try:
        return pc.fill_null(said.cast(INSTANT).cast(INT), 0)
    except pa.ArrowInvalid:
        good = pc.fill_null(pc.match_substring_regex(said, TIME), False)
        odd |= ~np.asarray(good)
        return pc.fill_null(pc.if_else(good, said, None).cast(INSTANT).cast(INT), 0)


def _said(values: pa.Array) -> pa.Array:
    """An empty text says nothing."""
    return pc.if_else(pc.equal(values, ""), None, values) if values.type == TEXT else values


def _text(values: pa.Array, longest: int, odd: Odd) -> pa.Array:
    """Trimmed, null where it is empty; what is no text or too long is odd, and null too."""
    if pa.types.is_null(values.type):
        return values.cast(TEXT)
    if values.type != TEXT:
        odd |= given(values)
        return pa.nulls(len(values), TEXT)
    trimmed = pc.utf8_trim_whitespace(values)
    length = pc.utf8_length(trimmed)
    too_long = pc.fill_null(pc.greater(length, longest), False)
    odd |= np.asarray(too_long)
    return pc.if_else(pc.or_(too_long, pc.equal(length, 0)), None, trimmed)


def _who(values: pa.Array, odd: Odd) -> pa.Array:
    """An id; null where programs send that they have none."""
    if values.type == INT:
        values = values.cast(TEXT)
    texts = _text(values, LONGEST_ID, odd)
    nobody = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(sorted(NOBODY)))
    return pc.if_else(nobody, None, texts)


def _links(user: pa.Array, anonymous: pa.Array, at: Micros) -> Odd:
    """The first of those who say in the same ten minutes that two ids are one: the dialect turns
    it into the event and what it says of the ids.
    """
    both = np.flatnonzero(given(user) & given(anonymous))
    found: Odd = np.zeros(len(user), np.bool_)
    if len(both):
        rows = pa.array(both)
        seen = pa.table(
            {
                "user": user.take(rows),
                "anonymous": anonymous.take(rows),
                "stretch": pa.array(at[both] // (STRETCH // MICRO)),
                "row": rows,
            }
        )
        firsts = seen.group_by(["user", "anonymous", "stretch"]).aggregate([("row", "min")])
        found[np.asarray(firsts["row_min"])] = True
    return found


def _context(context: pa.Array, odd: Odd) -> dict[str, pa.Array]:
    """What of the context is kept, as text."""
    found: dict[str, pa.Array] = {}
    for key, fields in CONTEXT.items():
        paths: list[tuple[str, ...]] = [(key, name) for name in fields]
        for path in paths or [(key,)]:
            values = member(context, *path)
            if pa.types.is_null(values.type):
                continue
            if values.type != TEXT:
                odd |= given(values)
                continue
            odd |= np.asarray(pc.fill_null(pc.greater(pc.utf8_length(values), 1_000), False))
            unsaid = pc.is_in(values, value_set=pa.array(UNSAID))
            name = "context." + ".".join((NAMES.get(path[0], path[0]), *path[1:]))
            found[name] = pc.if_else(unsaid, None, values)
    if not pa.types.is_struct(context.type):
        odd |= given(context)
    return found


def _left(
    deliveries: Sequence[Delivery],
    chosen: list[int],
    odd: Odd,
    parents: npt.NDArray[np.int64],
    named: Odd,
) -> Iterator[Left]:
    """The odd entries, in deliveries of their own.

    One without an id gets it from its place in the delivery, which is then read whole: what is said
    of it twice counts once.
    """
    starts = np.searchsorted(parents, np.arange(len(chosen)))
    rows = np.flatnonzero(odd)
    for number in np.unique(parents[rows]).tolist():
        index = chosen[number]
        own = rows[parents[rows] == number]
        if named[own].all():
            places = tuple((own - starts[number]).tolist())
            yield _some(index, deliveries[index], places)
        else:
            yield Left(index, deliveries[index])


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]
    sentAt: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815 - as Segment writes it


def _some(index: int, delivery: Delivery, places: tuple[int, ...]) -> Left:
    whole = msgspec.json.decode(delivery.body, type=_Batch)
    entries = [whole.batch[place] for place in places]
    body = b'{"sentAt":%b,"batch":[%b]}' % (whole.sentAt, b",".join(map(bytes, entries)))
    return Left(index, replace(delivery, body=body), places)


def _without_empty(table: pa.Table) -> pa.Table:
    """A property that no event has is no column."""
    return table.select(
        [
            name
            for name, column in zip(table.column_names, table.columns, strict=True)
            if not name.startswith(PROPERTY) or column.null_count < table.num_rows
        ]
    )
