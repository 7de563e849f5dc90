"""Made-up events of a product: a few people do much, most do little, many never come back.

The same number of events gives the same events, day by day. People join over the year; whether they
come on a day follows from how keen they are, how long they stay and the day of the week.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

FIRST = date(2025, 1, 1)
YEAR = 365

EVENTS = (
    "page_view", "view_item", "search", "add_to_cart", "checkout", "purchase", "signup", "activate",
    "login", "feature_1", "feature_2", "feature_3", "feature_4", "feature_5", "feature_6",
    "feature_7", "feature_8", "invite", "share", "export", "subscribe", "upgrade", "downgrade",
    "cancel", "nps",
)  # fmt: skip
OFTEN = (
    30, 12, 6, 3, 1.3, 0.8, 0, 0, 8, 7, 5, 3.5, 2.5, 1.8, 1.2, 0.7, 0.3, 0.5, 1, 1.2, 0, 0, 0, 0,
    0.12,
)  # fmt: skip
PLANS = ("free", "starter", "pro", "enterprise")
DEVICES = ("ios", "android", "web", "desktop")
COUNTRIES = (
    "US", "IN", "BR", "DE", "GB", "FR", "JP", "CA", "MX", "AU", "ES", "IT", "NL", "SE", "PL", "TR",
    "ID", "VN", "KR", "ZA",
)  # fmt: skip
FOLLOWS = (("view_item", "add_to_cart", 0.16), ("add_to_cart", "checkout", 0.4),
           ("checkout", "purchase", 0.6))  # fmt: skip
MOVES = (("subscribe", 0.0012), ("upgrade", 0.0009), ("downgrade", 0.0005), ("cancel", 0.001))

MOST = 300
"""Events of one person on one day."""

EVENTS_A_PERSON = {365: 40.1, 60: 14.8}
"""What a person does in so many days, on average: measured."""

CODE = {name: code for code, name in enumerate(EVENTS)}
A_DAY = 86_400_000
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass
class People:
    """What is fixed about each person, and what changes as the days pass."""

    ids: pa.Array
    joined: Ints
    knew: npt.NDArray[np.bool_]
    keen: Floats
    stays: Floats
    country: Ints
    device: Ints
    busy: Floats
    activated: npt.NDArray[np.bool_]
    plan: Ints
    pays: Ints

    @staticmethod
    def of(count: int, days: int, seed: int) -> People:
        draw = np.random.default_rng([seed, 0])
        knew = draw.random(count) < 0.15
        joined = ((days + 1) * draw.random(count) ** 0.8).astype(np.int64)
        short = draw.random(count) < 0.35
        odds = 1 / np.arange(1, len(COUNTRIES) + 1)
        return People(
            ids=texts("u", _scrambled(np.arange(count), 48), 12),
            joined=np.where(knew, 0, joined),
            knew=knew,
            keen=np.minimum(0.92, 0.035 * (draw.random(count) + 1e-9) ** -0.55),
            stays=draw.exponential(np.where(short, 4.0, 190.0)),
            country=draw.choice(len(COUNTRIES), count, p=odds / odds.sum()),
            device=draw.integers(len(DEVICES), size=count),
            busy=2 + 9 * draw.random(count),
            activated=knew.copy(),
            plan=np.zeros(count, np.int64),
            pays=np.zeros(count, np.int64),
        )


@dataclass
class Log:
    """The events of one day, each person's in order of time."""

    who: Ints
    at: Ints
    event: Ints
    plan: Ints
    device: Ints
    mrr: Ints


def by_day(events: int, days: int, seed: int = 42) -> Iterator[pa.Table]:
    """One table a day in the store's columns, about so many events in all, and the day after."""
    people = People.of(round(events / EVENTS_A_PERSON[days]), days, seed)
    made = 0
    for day in range(days + 1):
        draw = np.random.default_rng([seed, 1, day])
        log = _log(people, day, draw)
        yield _table(people, log, made, draw)
        made += len(log.who)


def _log(people: People, day: int, draw: np.random.Generator) -> Log:
    came = _came(people, day, draw)
    counts = 1 + draw.exponential(people.busy[came]).astype(np.int64)
    log = _moments(came, np.minimum(counts, MOST), day, draw)
    first = np.flatnonzero(np.diff(log.who, prepend=-1))
    fresh = (people.joined[came] == day) & ~people.knew[came]
    _name(log, draw)
    log.event[first[fresh]] = CODE["signup"]
    _activate(people, log, first, draw)
    _move(people, log, first, draw)
    log.device[:] = people.device[log.who]
    other = draw.random(len(log.who)) < 0.15
    log.device[other] = draw.integers(len(DEVICES), size=int(other.sum()))
    return log


def _came(people: People, day: int, draw: np.random.Generator) -> Ints:
    """Who comes on that day: those who join, and who is drawn to; few come back after leaving."""
    since = day - people.joined
    odds = people.keen * (0.72 if (day + 2) % 7 >= 5 else 1.0)
    odds = np.where(since > people.stays, 0.01 * people.keen * odds, odds)
    joins = (since == 0) & ~people.knew
    return np.flatnonzero(joins | ((since >= 0) & (draw.random(len(odds)) < odds)))


def _moments(came: Ints, counts: Ints, day: int, draw: np.random.Generator) -> Log:
    """Some seconds apart, now and then hours; nobody does two things within a millisecond."""
    who = np.repeat(came, counts)
    steps = 1 + draw.exponential(25_000.0, len(who)).astype(np.int64)
    pause = draw.random(len(who)) < 0.06
    steps[pause] += draw.integers(18_000_000, size=int(pause.sum()))
    first = np.cumsum(counts) - counts
    steps[first] = (A_DAY * (0.2 + 0.6 * draw.random(len(came)))).astype(np.int64)
    total = np.cumsum(steps)
    within = total - np.repeat(total[first] - steps[first], counts)
    kept = within < A_DAY
    who, at = who[kept], within[kept] + day * A_DAY
    nothing = [np.zeros(len(who), np.int64) for _ in range(4)]
    return Log(who, at, *nothing)


def _name(log: Log, draw: np.random.Generator) -> None:
    odds = np.array(OFTEN) / sum(OFTEN)
    log.event[:] = draw.choice(len(EVENTS), len(log.who), p=odds)
    same = log.who[1:] == log.who[:-1]
    for before, after, odd in FOLLOWS:
        after_it = same & (log.event[:-1] == CODE[before])
        log.event[1:][after_it & (draw.random(len(same)) < odd)] = CODE[after]


def _activate(people: People, log: Log, first: Ints, draw: np.random.Generator) -> None:
    """Once in a life, at a later event than the first of that day."""
    who = log.who[first]
    counts = np.diff(np.append(first, len(log.who)))
    at = draw.geometric(0.12, len(first))
    does = ~people.activated[who] & (at < counts)
    log.event[(first + at)[does]] = CODE["activate"]
    people.activated[who[does]] = True


def _move(people: People, log: Log, first: Ints, draw: np.random.Generator) -> None:
    """At most one change of the subscription a day; `mrr` is what is paid from then on."""
    who = log.who[first]
    counts = np.diff(np.append(first, len(log.who)))
    at = first + 1 + (draw.random(len(first)) * (counts - 1)).astype(np.int64)
    at = np.minimum(at, first + counts - 1)
    free = ~np.isin(log.event[at], (CODE["signup"], CODE["activate"]))
    move = _moves(people.pays[who] > 0, counts, draw)
    log.plan[:] = people.plan[log.who]
    for code, (name, _) in enumerate(MOVES):
        does = free & (move == code)
        log.event[at[does]] = CODE[name]
        _pay(people, who[does], name, draw)
        log.mrr[at[does]] = people.pays[who[does]]


def _moves(paying: npt.NDArray[np.bool_], counts: Ints, draw: np.random.Generator) -> Ints:
    """The index in MOVES; −1 for none."""
    luck = draw.random(len(counts)) / counts
    edges = np.cumsum([odd for _, odd in MOVES[1:]])
    change = np.searchsorted(edges, luck, side="right") + 1
    change[change >= len(MOVES)] = -1
    return np.where(paying, change, np.where(luck < MOVES[0][1], 0, -1))


def _pay(people: People, who: Ints, move: str, draw: np.random.Generator) -> None:
    plan, pays = people.plan[who], people.pays[who]
    if move == "subscribe":
        plan = 1 + (draw.random(len(who)) * 1.7).astype(np.int64)
        pays = np.where(plan == 1, 1900, 4900)
    elif move == "upgrade":
        plan, pays = np.minimum(3, plan + 1), pays + 3000
    elif move == "downgrade":
        plan, pays = np.maximum(1, plan - 1), np.maximum(900, pays - 1500)
    else:
        plan, pays = np.zeros_like(plan), np.zeros_like(pays)
    people.plan[who], people.pays[who] = plan, pays


def _table(people: People, log: Log, made: int, draw: np.random.Generator) -> pa.Table:
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    zero = int(start.timestamp()) * 1_000_000
    count = len(log.who)
    moved = np.isin(log.event, [CODE[name] for name, _ in MOVES])
    bought, answered = log.event == CODE["purchase"], log.event == CODE["nps"]
    amount = 100 + draw.exponential(4500.0, count).astype(np.int64)
    return pa.table(
        {
            "message_id": texts("e", _scrambled(made + np.arange(count), 64), 16),
            "event": _named(log.event, EVENTS),
            "happened_at": pa.array(zero + log.at * 1000, pa.timestamp("us", "UTC")),
            "user_id": people.ids.take(pa.array(log.who)),
            "p:plan": _named(log.plan, PLANS),
            "p:country": _named(people.country[log.who], COUNTRIES),
            "p:device": _named(log.device, DEVICES),
            "p:amount": pa.array(amount, mask=~bought),
            "p:mrr": pa.array(log.mrr, mask=~moved),
            "p:score": pa.array(_scores(count, draw), mask=~answered),
        }
    )


def _scores(count: int, draw: np.random.Generator) -> Ints:
    luck, fine = draw.random(count), draw.random(count)
    low = np.where(luck < 0.75, 7 + 2 * fine, 7 * fine)
    return np.where(luck < 0.45, 9 + 2 * fine, low).astype(np.int64)


def _named(codes: Ints, names: tuple[str, ...]) -> pa.Array:
    coded = pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(names))
    return coded.cast(pa.string())


def _scrambled(numbers: Ints, bits: int) -> npt.NDArray[np.uint64]:
    """Different numbers below 2^bits for different numbers, in no order that anybody would see."""
    mask = np.uint64((1 << bits) - 1)
    found = numbers.astype(np.uint64)
    for factor in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9):
        found = (found * np.uint64(factor)) & mask
        found ^= found >> np.uint64(bits // 2)
    return found


def texts(letter: str, numbers: npt.NDArray[np.uint64], digits: int) -> pa.Array:
    """The letter and the number in so many hexadecimal digits."""
    shifts = np.arange(digits - 1, -1, -1, dtype=np.uint64) * np.uint64(4)
    nibbles = (numbers[:, None] >> shifts) & np.uint64(15)
    spelt = np.empty((len(numbers), digits + 1), np.uint8)
    spelt[:, 0] = ord(letter)
    spelt[:, 1:] = np.frombuffer(b"0123456789abcdef", np.uint8)[nibbles]
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * (digits + 1)
    return pa.StringArray.from_buffers(
        len(numbers), pa.py_buffer(offsets.tobytes()), pa.py_buffer(spelt.tobytes())
    )
