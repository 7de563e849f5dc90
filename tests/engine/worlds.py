"""Small random worlds of events, and the local store that holds them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from hypothesis import strategies as st

from headway.engine.definition import Definition
from headway.engine.event import PROPERTY
from headway.engine.measure import Ask, scope_of
from headway.engine.period import Calendar, Grain
from headway.engine.series import Answer
from headway.engine.store import Store
from headway.stores.local import LocalStore
from headway.stores.parts import PartFile, write_parts
from tests.engine.reference import Happening, Question

BERLIN, MELBOURNE, UTC_ = "Europe/Berlin", "Australia/Melbourne", "UTC"
# Days around the clock changes of Berlin and Melbourne, a leap day, and a year's end.
ANCHORS = (
    datetime(2026, 3, 27, tzinfo=UTC),
    datetime(2026, 10, 23, tzinfo=UTC),
    datetime(2026, 4, 3, tzinfo=UTC),
    datetime(2024, 2, 27, tzinfo=UTC),
    datetime(2025, 12, 29, tzinfo=UTC),
)
LATER = datetime(2030, 1, 1, tzinfo=UTC)
TYPES = {"plan": pa.string(), "amount": pa.float64(), "ok": pa.bool_()}

calendars = st.builds(
    Calendar, st.sampled_from([UTC_, BERLIN, MELBOURNE, "America/St_Johns"]), st.integers(0, 6)
)
grains = st.sampled_from(list(Grain))
# Hours and half hours, so that instants coincide and fall on local midnights; some off by 1 µs.
offsets = st.builds(
    lambda half, off: timedelta(minutes=30 * half, microseconds=off),
    st.integers(0, 12 * 48),
    st.sampled_from([0, 0, 0, -1, 1]),
)


@st.composite
def happenings(draw: st.DrawFn, names: str = "ABC", most: int = 40) -> list[Happening]:
    anchor = draw(st.sampled_from(ANCHORS))
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(names),
                offsets,
                st.sampled_from(["u1", "u2", "u3", "u4", None]),
                st.sampled_from(["x", "y", None]),
                st.sampled_from(["pro", "free", None]),
                st.sampled_from([0.0, 1.0, 2.5, -3.0, 40.0, None]),
                st.sampled_from([True, False, None]),
            ),
            min_size=1,
            max_size=most,
        )
    )
    return [
        Happening(
            f"m{(i * 7919) % 1009:04d}", name, anchor + after, user, account,
            {"plan": plan, "amount": amount, "ok": ok},
        )
        for i, (name, after, user, account, plan, amount, ok) in enumerate(rows)
    ]  # fmt: skip


@st.composite
def questions(draw: st.DrawFn, names: str = "ABC") -> tuple[Question, Grain]:
    """Events and a range that begins among them."""
    rows = draw(happenings(names))
    calendar, grain = draw(calendars), draw(grains)
    first = calendar.day_of(min(h.at for h in rows))
    start = first + timedelta(days=draw(st.integers(-1, 5)))
    end = start + timedelta(days=draw(st.integers(1, 8)))
    return Question(rows, calendar, calendar.periods(start, end, grain)), grain


def table(rows: Iterable[Happening]) -> pa.Table:
    rows = list(rows)
    columns = {
        "message_id": pa.array([h.id for h in rows], pa.string()),
        "event": pa.array([h.event for h in rows], pa.string()),
        "happened_at": pa.array([h.at for h in rows], pa.timestamp("us", "UTC")),
        "user_id": pa.array([h.user for h in rows], pa.string()),
        "account_id": pa.array([h.account for h in rows], pa.string()),
        "received_at": pa.array([None for _ in rows], pa.timestamp("us", "UTC")),
    }
    names = sorted({n for h in rows for n in h.properties})
    return pa.table(
        columns
        | {
            PROPERTY + n: pa.array([h.properties.get(n) for h in rows], TYPES.get(n, pa.string()))
            for n in names
        }
    )


def on_disk(root: Path, batches: Sequence[Iterable[Happening]]) -> LocalStore:
    parts: list[PartFile] = []
    for batch in batches:
        parts += write_parts(root, table(batch), "events", parts).parts
    return LocalStore(root, parts)


def shuffled(rows: Sequence[Happening], seed: int) -> list[list[Happening]]:
    """The rows in another order and in batches, some of them sent twice."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    mixed = [*rows, *chance.sample(list(rows), len(rows) // 3)]
    chance.shuffle(mixed)
    cuts = sorted(chance.sample(range(1, len(mixed)), min(3, len(mixed) - 1)))
    return [mixed[a:b] for a, b in zip([0, *cuts], [*cuts, len(mixed)], strict=True)]


def ask(
    store: Store,
    definitions: Mapping[str, Definition] | Definition,
    asked: Question,
    grain: Grain,
    *,
    segment: str | None = None,
    since: date | None = None,
) -> Ask:
    if isinstance(definitions, Definition):
        definitions = {definitions.key: definitions}
    first = min([asked.since, *(asked.day(h.at) for h in asked.happenings)])
    scope = scope_of(
        asked.periods[0].start, asked.periods[-1].end, grain,
        calendar=asked.calendar, as_of=LATER, first_day=first, since=since,
    )  # fmt: skip
    one = Ask(definitions, store, scope)
    return one if segment is None else one.again(replace(scope, segment=segment))


def answer(store: Store, definition: Definition, asked: Question, grain: Grain) -> Answer:
    return ask(store, definition, asked, grain).answer(definition.key)


def values(found: Answer, segment: str = "") -> list[float | None]:
    return [p.value for p in found.series.of(segment)]
