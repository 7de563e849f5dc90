"""Numbers of kept and of later days are the same, whether older events are removed or not."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings

from headway.accounts import actions as accounts
from headway.accounts.models import Workspace
from headway.engine.errors import DefinitionError
from headway.engine.kinds import KINDS
from headway.engine.period import Period
from headway.feed.models import Change
from headway.goals.experiment import experiments
from headway.goals.models import ReadOut, Trial
from headway.goals.outputs import save_output
from headway.ingest import actions
from headway.ingest.manifest.health import flaws
from headway.ingest.models import Keeping, Part, Source
from headway.metrics.actions import save_metric
from headway.metrics.keeping import keep
from headway.metrics.models import Point, Table
from headway.metrics.present import Present
from headway.metrics.refresh import refresh
from headway.web.kept import frozen_words

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
DAYS, KEPT = 44, 15
HEAD = "message_id,event,happened_at,user_id,account_id,previous_id,amount,score,plan,thing,ok\n"
CAME, PAID = {"event": "came"}, {"event": "paid"}
RANG, HEARD = {"event": "rang"}, {"event": "heard"}
"""Of these every one stays: which of them belong together, only all of them tell."""

METRICS: list[dict[str, Any]] = [
    {"kind": "count", "event": "any", "segments": ["plan"]},
    {"kind": "sum", "event": "paid", "property": "amount", "by": "account"},
    {"kind": "mean", "event": "paid", "property": "amount"},
    {"kind": "min", "event": "paid", "property": "amount"},
    {"kind": "max", "event": "paid", "property": "amount"},
    {"kind": "quantile", "event": "paid", "property": "amount", "q": 0.9, "per": "subject"},
    {"kind": "unique", "event": "any", "window": "7 days"},
    {"kind": "unique", "event": "came", "at_least": 2},
    {"kind": "share", "event": "came", "where": {"plan": "pro"}, "count": "subjects"},
    {"kind": "ratio", "numerator": "sum_1", "denominator": "count_0"},
    {"kind": "lifecycle", "event": "came", "segments": ["plan"]},
    {"kind": "frequency", "event": "came", "of": "all"},
    {"kind": "funnel", "steps": [CAME, PAID], "window": "3 days", "segments": ["plan"]},
    {"kind": "funnel", "steps": [RANG, HEARD], "window": "2 days", "count": "attempts"},
    {"kind": "funnel", "steps": [CAME, PAID], "window": "30 h", "entry": "any", "order": "strict"},
    {"kind": "retention", "start": CAME, "returns": PAID, "horizon": 5, "at": 1},
    {"kind": "retention", "start": CAME, "returns": CAME, "clock": "rolling", "cohort": "each",
     "horizon": 5},
    {"kind": "elapsed", "from": RANG, "to": HEARD, "limit": "4 days", "stat": "median"},
    {"kind": "elapsed", "from": CAME, "to": PAID, "limit": "4 days", "by": "thing"},
    {"kind": "steps", "from": RANG, "to": HEARD, "event": ["rang", "heard"]},
    {"kind": "session", "event": "any", "gap": "3 h", "stat": "count"},
    {"kind": "stock", "event": "paid", "value": "amount", "by": "account", "segments": ["plan"]},
    {"kind": "movement", "event": "paid", "value": "amount", "by": "thing"},
    {"kind": "nps", "event": "rated", "property": "score"},
    {"kind": "csat", "event": "rated", "property": "score", "top": [9, 10]},
    {"kind": "uptime", "event": "checked", "ok": "ok", "segments": ["plan"]},
    {"kind": "rate", "event": "came", "stat": "peak"},
    {"kind": "query", "sql": "SELECT CAST(happened_at AS DATE) AS period, COUNT(*) AS numerator, "
     "1 AS denominator FROM events WHERE event = 'came' GROUP BY 1"},
    {"kind": "formula", "formula": "lifecycle_10.new / unique_6 + lag(count_0, 20)"},
    {"kind": "count", "event": "paid", "who": {"did": CAME, "within": "3 days before"}},
    {"kind": "unique", "event": "paid", "who": {"did": CAME, "at_least": 3}},
    {"kind": "lifecycle", "event": "paid", "who": {"did": CAME, "at_least": 2}},
    {"kind": "uptime", "event": "rang", "incidents": "amount", "maintenance": {"ok": True}},
    {"kind": "movement", "event": "paid", "value": "amount", "segments": ["plan"]},
    {"kind": "stock", "plus": [{"event": "rang", "property": "amount"}],
     "minus": [{"event": "heard", "property": "amount"}], "where": {"plan": "pro"}},
]  # fmt: skip


def world(dice: random.Random) -> list[tuple[datetime, str]]:
    """With traits and anonymous visitors who turn out to be somebody."""
    rows = []
    for i in range(1000):
        at = FIRST + timedelta(minutes=dice.randrange(DAYS * 24 * 60))
        event = dice.choice(
            ["came"] * 5
            + ["paid"] * 4
            + ["rang", "heard", "rated", "checked", "$identify", "$group"]
        )
        amount, score = dice.choice(["", "0", "5", "12.5"]), dice.choice(["", "3", "9", "10", "11"])
        plan = dice.choice(["", "", "free", "pro"])
        user = dice.choice([f"u{dice.randrange(30)}", f"anon{dice.randrange(12)}"])
        previous = ""
        if event == "$identify":
            number = dice.randrange(12)
            user, previous = f"u{number}", dice.choice(["", f"anon{number}"])
        said = f"{user},c{dice.randrange(9)},{previous},{amount},{score},{plan}"
        rest = f"t{dice.randrange(60)},{dice.choice(['true', 'false'])}"
        rows.append((at, f"{i},{event},{at.isoformat()},{said},{rest}"))
    return sorted(rows)


Bring = Callable[[Workspace, list[str], datetime], None]


@pytest.fixture
def bring(tmp_path: Path) -> Bring:
    def take(workspace: Workspace, rows: list[str], now: datetime) -> None:
        source = workspace.sources.first() or actions.save_source(
            workspace, "app", by=None, now=FIRST
        )
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(HEAD + "\n".join(rows) + "\n")
        actions.import_events(source, path, by=None, now=now)

    return take


def numbers(workspace: Workspace) -> dict[Any, Any]:
    names = ["metric__key", "grain", "segment_by", "segment", "start"]
    exact = ["end", "complete", "n", "faults", "reason"]
    near = ["value", "numerator", "denominator", "low", "high"]
    points = Point.objects.filter(metric__workspace=workspace).values_list(*names, *exact, *near)
    return {
        tuple(p[:5]): (p[5:10], [None if v is None else round(v, 6) for v in p[10:]])
        for p in points
    }


def cohorts(workspace: Workspace) -> dict[Any, Any]:
    tables = Table.objects.filter(metric__workspace=workspace)
    return {
        (t.metric.key, t.grain, t.name, row["start"], row.get("step")): row
        for t in tables
        for row in t.rows
    }


def both(home: Workspace, now: datetime, documents: list[dict[str, Any]]) -> Workspace:
    """The same metrics in a workspace that keeps its events for two weeks, and in one that
    keeps them for ever."""
    brief = accounts.create_workspace("brief", "Brief", now=now, timezone="Europe/Berlin")
    home.timezone = brief.timezone
    home.save()
    for workspace in (home, brief):
        for i, document in enumerate(documents):
            key = f"{document['kind']}_{i}"
            save_metric(workspace, {"key": key, **document}, by=None, now=now)
    return brief


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number, hours=9)


def held(workspace: Workspace) -> dict[str, date]:
    found: dict[str, date] = {}
    for part in Part.objects.filter(source__workspace=workspace):
        table = pq.read_table(settings.STORE / part.path, columns=["message_id", "happened_at"])
        found |= {r["message_id"]: r["happened_at"].date() for r in table.to_pylist()}
    return found


@pytest.mark.slow
def test_every_kind_has_the_same_numbers_as_with_all_events(acme: Workspace, bring: Bring) -> None:
    brief = both(acme, FIRST, METRICS)
    accounts.save_settings(brief, {"keep_events": f"{KEPT} days"}, by=None, now=FIRST)
    keep(brief, now=FIRST)
    rows = world(random.Random(3))  # noqa: S311
    came = 0
    for number in (24, 31, DAYS):
        now = day(number)
        fresh = [row for at, row in rows[came:] if at < now]
        came += len(fresh)
        bring(brief, fresh, now)
        assert refresh(brief, now=now).problems == {}
        keep(brief, now=now)
    bring(acme, [row for _, row in rows], now)
    assert refresh(acme, now=now).problems == {}
    kept_from = (now - timedelta(days=KEPT)).date()
    keeping = Keeping.objects.get(workspace=brief)
    assert (keeping.kept_from, keeping.removing) == (kept_from, False)
    all_ids, left = held(acme), held(brief)
    assert {i for i, at in all_ids.items() if at > kept_from} <= left.keys()
    assert keeping.removed == len(all_ids) - len(left) > 60
    full, ours = numbers(acme), numbers(brief)
    present = Present.of(brief, now)
    same = {at: point for at, point in full.items() if not frozen(present, at, point)}
    assert {at: (ours.get(at), point) for at, point in same.items() if ours.get(at) != point} == {}
    assert 1500 < len(same) < len(full) - 1500
    assert ours.keys() == full.keys()
    for (key, grain, by, segment, start), ((end, *_), (value, *_)) in ours.items():
        if start < kept_from < end and present.definitions[key].additive:
            days = [ours[at][1][0] for at in ours if at[:4] == (key, "day", by, segment)
                    and start <= at[4] < end]  # fmt: skip
            assert value == pytest.approx(sum(days)), (key, grain, segment)
    tables, kept_tables = cohorts(acme), cohorts(brief)
    late = {at: row for at, row in tables.items() if at[3] >= str(kept_from)}
    assert {at: kept_tables.get(at) for at in late} == late
    assert len(late) > 50


def frozen(present: Present, at: tuple[Any, ...], point: Any) -> bool:
    return present.frozen(at[0], Period(at[4], point[0][0]))


def test_every_measured_kind_takes_part() -> None:
    assert {d["kind"] for d in METRICS} >= set(KINDS) - {"manual"}


VISITS = {"key": "visits", "kind": "count", "event": "came"}
COMERS = {"key": "comers", "kind": "lifecycle", "event": "came"}
BALANCE = {"key": "balance", "kind": "stock", "event": "paid", "value": "amount"}


@pytest.fixture
def home(acme: Workspace, bring: Bring) -> Workspace:
    """Ada comes each day, Bob came on the first of March; both hold something since then."""
    rows = [f"a{n},came,{day(n).isoformat()},ada,,,,,free,," for n in range(30)]
    rows += [f"b,came,{day(0).isoformat()},bob,,,,,free,,"]
    rows += [f"p{n},paid,{day(n).isoformat()},ada,,,{n // 5},,,," for n in range(20)]
    rows += [f"q,paid,{day(1).isoformat()},bob,,,40,,,,"]
    for document in (VISITS, COMERS, BALANCE):
        save_metric(acme, document, by=None, now=FIRST)
    bring(acme, rows, day(29))
    refresh(acme, now=day(29))
    accounts.save_settings(acme, {"keep_events": "10 days"}, by=None, now=day(29))
    return acme


def value(key: str, start: str, grain: str = "day", segment: str = "") -> Any:
    found = Point.objects.filter(metric__key=key, grain=grain, segment=segment, start=start)
    return found.values_list("value", flat=True).first()


def test_there_is_a_day_to_think_twice_and_one_word_in_the_feed(home: Workspace) -> None:
    assert keep(home, now=day(29)) == 0
    assert keep(home, now=day(29) + timedelta(hours=23)) == 0
    assert len(held(home)) == 52
    before = numbers(home)
    assert keep(home, now=day(30)) == 38
    left = held(home)
    assert {i for i, at in left.items() if at < date(2026, 3, 21)} == {"b", "a19", "p15", "q"}
    assert list(flaws(home, now=day(30))) == []
    assert keep(home, now=day(30)) == 0
    assert [c.after for c in Change.objects.filter(subject="events")] == [
        "38 of before 2026-03-21, and 4 of them stay"
    ]
    source = Source.objects.get()
    assert (source.rows, source.first_event_at) == (14, day(0))
    home.metrics.update(refreshed_version=0)
    refresh(home, now=day(29))
    after = numbers(home)
    complete = {at: point for at, point in before.items() if point[0][1] or at[1] == "day"}
    assert {at: after[at] for at in complete} == complete, "computed anew, nothing is lost"


def test_what_it_rests_on_stays_and_so_later_numbers_are_right(
    home: Workspace, bring: Bring
) -> None:
    keep(home, now=day(29))
    keep(home, now=day(30))
    at = day(30).isoformat()
    bring(home, [f"b2,came,{at},bob,,,,,,,", f"n,came,{at},new,,,,,,,"], day(31))
    refresh(home, now=day(31))
    assert value("comers", "2026-03-31") == 2
    parts = Point.objects.filter(metric__key="comers", grain="day", start="2026-03-31")
    assert dict(parts.exclude(segment="").values_list("segment", "value")) == {
        "new": 1, "returning": 0, "resurrected": 1, "dormant": 1,
    }  # fmt: skip
    assert value("balance", "2026-03-31") == 43
    assert value("visits", "2026-03-01", "month") == 33, "days that are gone and days that are here"
    month = Point.objects.get(metric__key="comers", grain="month", start="2026-03-01", segment="")
    assert month.value is None
    assert "kept since 2026-03-21" in month.reason


def test_killed_between_two_parts_it_goes_on(home: Workspace, bring: Bring) -> None:
    bring(home, [f"c{n},came,{day(n).isoformat()},cleo,,,,,,," for n in range(12)], day(29))
    refresh(home, now=day(29))
    keep(home, now=day(29))
    assert Part.objects.count() == 2
    looks = iter([False])

    def killed() -> bool:
        return next(looks)

    with pytest.raises(StopIteration):
        keep(home, now=day(30), stopped=killed)
    keeping = Keeping.objects.get()
    assert keeping.removing
    assert len(held(home)) == 64 - 38
    assert list(flaws(home, now=day(30))) == []
    assert keep(home, now=day(30)) == 11
    keeping.refresh_from_db()
    assert (keeping.removing, keeping.removed, keeping.stayed) == (False, 49, 5)


def test_what_was_defined_later_begins_on_the_oldest_day_that_is_kept(home: Workspace) -> None:
    keep(home, now=day(29))
    keep(home, now=day(30))
    save_metric(home, {**VISITS, "key": "later"}, by=None, now=day(30))
    save_metric(home, {**BALANCE, "key": "stat", "stat": "count"}, by=None, now=day(30))
    save_metric(home, {**BALANCE, "key": "ada", "where": {"plan": "free"}}, by=None, now=day(30))
    save_metric(home, {**VISITS, "where": {"plan": "free"}}, by=None, now=day(30))
    refresh(home, now=day(30))
    assert Point.objects.filter(metric__key="later", grain="day").earliest("start").start == date(
        2026, 3, 21
    )
    assert value("stat", "2026-03-22") == 2, "what stays for one metric is there for another"
    assert value("ada", "2026-03-22") == 0
    visits, comers = home.metrics.get(key="visits"), home.metrics.get(key="comers")
    assert (visits.measured_from, comers.measured_from) == (date(2026, 3, 21), None)
    assert "Before 21 Mar 2026 they are of an older definition" in frozen_words(visits)
    assert frozen_words(comers) == (
        "Numbers that rest on days before 21 Mar 2026 are frozen: their events are no longer kept."
    )
    assert "It begins on 21 Mar 2026" in frozen_words(home.metrics.get(key="later"))
    assert value("visits", "2026-03-02") == 1, "measured with the definition before"


def test_what_needs_more_than_is_kept_says_so(home: Workspace) -> None:
    keep(home, now=day(29))
    keep(home, now=day(30))
    save_metric(
        home, {"key": "month", "kind": "unique", "event": "came", "window": "28 days"},
        by=None, now=day(30),
    )  # fmt: skip
    save_metric(
        home, {"key": "way", "kind": "steps", "from": CAME, "to": PAID}, by=None, now=day(30)
    )
    problems = refresh(home, now=day(30)).problems
    assert "needs the events of 27 days before, and those of 10 days are kept" in problems["month"]
    assert "rests on all events there ever were" in problems["way"]


def test_lengths_are_checked(acme: Workspace) -> None:
    for text in ("3 days", "0 months", "a year"):
        with pytest.raises(DefinitionError, match="not how long events can be kept"):
            accounts.save_settings(acme, {"keep_events": text}, by=None, now=FIRST)


def test_what_only_all_events_tell_stays_with_what_tells_it(acme: Workspace, bring: Bring) -> None:
    """With its amounts and subjects, and without anything else that it said."""
    moved = {"event": "paid", "property": "amount"}
    returned = {"event": "returned", "property": "amount"}
    documents: list[dict[str, Any]] = [
        {"key": "held", "kind": "stock", "plus": [moved], "minus": [returned]},
        {"key": "sold", "kind": "sum", "event": "sold", "property": "score", "by": "thing",
         "lifetime": "12 months"},
        {"key": "waits", "kind": "steps", "from": {"event": "rang"}, "to": {"event": "heard"},
         "event": "rang", "by": "thing"},
    ]  # fmt: skip
    for document in documents:
        save_metric(acme, document, by=None, now=FIRST)
    rows = [f"p{n},paid,{day(n).isoformat()},u,,,{n},1,pro,t1,true" for n in range(5)]
    rows += [f"s{n},sold,{day(n).isoformat()},u,,,{n},7,pro,t1,true" for n in range(5)]
    rows += [f"r{n},rang,{day(n).isoformat()},u,,,{n},1,pro,t2,true" for n in range(3)]
    rows += [f"x{n},came,{day(n).isoformat()},u,,,{n},1,pro,t2,true" for n in range(3)]
    bring(acme, rows, day(29))
    refresh(acme, now=day(29))
    accounts.save_settings(acme, {"keep_events": "10 days"}, by=None, now=day(29))
    keep(acme, now=day(29))
    assert keep(acme, now=day(30)) == 3, "those of which no metric needs the past"
    [part] = Part.objects.all()
    table = pq.read_table(settings.STORE / part.path)
    said = {
        c for c in table.column_names if c.startswith("p:") and table[c].null_count < len(table)
    }
    assert said == {
        "p:amount", "p:score", "p:thing",
    }  # fmt: skip
    late = [
        f"b,returned,{day(30).isoformat()},u,,,4,,,,",
        f"h,heard,{day(30).isoformat()},u,,,,,,t2,",
    ]
    bring(acme, late, day(31))
    assert refresh(acme, now=day(31)).problems == {}
    assert value("held", "2026-03-31") == 0 + 1 + 2 + 3 + 4 - 4
    assert value("waits", "2026-03-31") == 2, "rung twice more before it was heard"


def test_an_experiment_that_is_older_keeps_what_was_read(home: Workspace) -> None:
    """Who was assigned which variant is in the events that went."""
    trial = {
        "assigned": {"event": "came"}, "variant": "plan", "control": "free", "metric": "visits",
        "starts": "2026-03-02", "ends": "2026-03-25", "effect": "8 %",
    }  # fmt: skip
    output = save_output(home, key="test", name="Test", experiment=trial, by=None, now=FIRST)
    assert experiments.look(home, now=day(29)).problems == ()
    ReadOut.objects.get_or_create(output=output, day=date(2026, 3, 2), sums={"A": 2}, said={})
    read = list(ReadOut.objects.values("day", "sums"))
    keep(home, now=day(29))
    keep(home, now=day(30))
    Trial.objects.update(seen="")
    [(key, why)] = experiments.look(home, now=day(30)).problems
    assert key == "test"
    assert "raw events are kept since 2026-03-21" in why
    assert list(ReadOut.objects.values("day", "sums")) == read
