"""Experiments from events to a read-out: planned, read day by day, safe to look at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from headway.accounts.models import Workspace
from headway.engine.errors import DefinitionError
from headway.engine.written import THIN
from headway.feed.models import Change
from headway.files.check import check
from headway.goals.experiment import experiments
from headway.goals.experiment.checks import unseen
from headway.goals.experiment.design import amount_of, experiment
from headway.goals.experiment.told import Said, plan, said
from headway.goals.experiment.view import view
from headway.goals.models import Output, ReadOut, Trial
from headway.goals.outputs import save_output
from headway.ingest import actions as ingest
from headway.ingest.people.rewriting import ask_person, rewrite
from headway.metrics.actions import archive_metric, restore_metric, save_metric
from tests.goals.trials import DAY, Shop, noon

Bring = Callable[[Shop], None]

METRICS = (
    {"key": "payers", "name": "Payers", "kind": "unique", "event": "paid"},
    {"key": "revenue", "name": "Revenue", "kind": "sum", "event": "paid", "property": "amount"},
    {
        "key": "complaints", "name": "Complaints", "kind": "count", "event": "complained",
        "direction": "down",
    },
    {"key": "nps", "name": "NPS", "kind": "nps", "event": "answered", "property": "score"},
    {"key": "typed", "kind": "manual"},
    {
        "key": "conversion", "name": "Conversion", "kind": "funnel", "window": "2 days",
        "steps": [{"event": "visited"}, {"event": "paid"}],
    },
    {
        "key": "back", "name": "Back next day", "kind": "retention",
        "start": {"event": "visited"}, "returns": {"event": "paid"},
    },
)  # fmt: skip
CHECKOUT: dict[str, Any] = {
    "assigned": {"event": "viewed"},
    "variant": "variant",
    "control": "A",
    "metric": "payers",
    "starts": "2026-03-02",
    "ends": "2026-03-15",
    "effect": "8 points",
    "enters": {"event": "visited"},
    "guardrails": [{"metric": "complaints", "worse_by": "20 %"}],
}


@pytest.fixture
def bring(acme: Workspace, tmp_path: Path) -> Bring:
    source = ingest.save_source(acme, "shop", by=None, now=noon(date(2026, 1, 1)))

    def brought(shop: Shop) -> None:
        path = shop.write(tmp_path / f"{shop.seed}.parquet")
        ingest.import_events(source, path, by=None, now=noon(shop.ends + DAY))

    for document in METRICS:
        save_metric(acme, document, by=None, now=noon(date(2026, 1, 1)))
    return brought


def test_it(workspace: Workspace, **changes: Any) -> Output:
    fields = {k: v for k, v in (CHECKOUT | changes).items() if v is not None}
    return save_output(
        workspace, key="checkout", name="Shorter checkout", experiment=fields, by=None,
        now=noon(date(2026, 2, 20)),
    )  # fmt: skip


test_it.__test__ = False  # type: ignore[attr-defined]


def looked(workspace: Workspace, day: date) -> experiments.Looked:
    return experiments.look(workspace, now=noon(day))


def last(output: Output) -> Said:
    row = output.read_outs.last()
    assert row is not None
    return said(row.said)


def test_from_the_plan_to_the_read_out(acme: Workspace, bring: Bring) -> None:
    """Planned from the weeks before; read each day; the last day is the one that counts."""
    bring(Shop(effect=0.13, seed=4))
    output = test_it(acme)
    assert looked(acme, date(2026, 3, 2)).read == 1
    trial = Trial.objects.get()
    made = plan(trial.plan)
    assert made is not None
    assert made.value == pytest.approx(0.3, abs=0.03)
    assert made.a_week == pytest.approx(1050)
    assert (made.compared, made.days, made.least) == ("share", 14, 0.08)
    assert trial.planned == made.needed
    assert 1100 < (made.needed or 0) < 2600
    shown = view(output, acme, date(2026, 3, 2))
    assert shown is not None
    assert shown.plan_words[0].startswith(f"With 1{THIN}050 users a week you need ")
    assert f"to see a change of 8{THIN}points" in shown.plan_words[0]
    assert shown.headline == "Nothing to read yet: the first day is not over."

    assert looked(acme, date(2026, 3, 9)).read == 1
    assert [row.day for row in ReadOut.objects.all()] == [date(2026, 3, 2 + n) for n in range(7)]
    assert looked(acme, date(2026, 3, 9)).read == 0
    early = list(ReadOut.objects.values_list("pk", flat=True))
    assert looked(acme, date(2026, 3, 16)).read == 1
    assert early == list(ReadOut.objects.values_list("pk", flat=True))[:7]
    assert Trial.objects.get().planned == trial.planned
    found = last(output)
    assert ReadOut.objects.count() == 14
    assert found.subjects == 14 * 150
    [against] = found.against
    assert (against.verdict, found.uneven, found.mixed) == ("better", "", 0)
    assert against.low is not None
    assert against.high is not None
    assert 0 < against.low < 0.13 < against.high
    shown = view(output, acme, date(2026, 3, 16))
    assert shown is not None
    assert shown.headline.startswith("B raised Payers by ")
    assert shown.headline.endswith(": better.")
    assert shown.verdict == "B better"
    assert "safe to look at any day" in shown.rests_on
    assert len(shown.picture.dots) == 13  # on the first day fewer than a hundred were in B
    flips = Change.objects.filter(subject="output:checkout", what="read-out")
    assert [c.after for c in flips][-1] == "B better"


def test_what_stops_the_reading(acme: Workspace, bring: Bring) -> None:
    """One in ten lost from B; forty that saw both, who are in neither."""
    bring(Shop(share=0.45, both=40, seed=2))
    output = test_it(acme)
    looked(acme, date(2026, 3, 16))
    found = last(output)
    assert found.mixed == 40
    assert found.subjects == 14 * 150 - 40
    assert "not split as planned" in found.uneven
    shown = view(output, acme, date(2026, 3, 16))
    assert shown is not None
    assert shown.headline.startswith("Do not read this.")
    assert shown.verdict == "unevenly split"
    assert any("40 users" in note for note in shown.notes)
    assert {a.verdict for a in found.against} == {"cannot tell"}


def test_a_guardrail_that_is_harmed(acme: Workspace, bring: Bring) -> None:
    bring(Shop(effect=0.1, harm=0.15, seed=3))
    output = test_it(acme, within="2 days", adjust="7 days")
    looked(acme, date(2026, 3, 18))
    found = last(output)
    assert found.adjusted
    assert found.winners == []
    [guarded] = found.guardrails
    assert guarded.verdict == "harmed"
    shown = view(output, acme, date(2026, 3, 18))
    assert shown is not None
    assert shown.verdict == "B better, harms complaints"
    assert any(s.startswith("Complaints got worse under B: it rose by") for s in shown.findings)
    assert output.read_outs.first().day == date(2026, 3, 4)  # type: ignore[union-attr]
    assert output.read_outs.last().day == date(2026, 3, 17)  # type: ignore[union-attr]


def test_a_funnel_is_counted_once_its_time_is_over(acme: Workspace, bring: Bring) -> None:
    """Planned, read and told as a share of those who entered; guarded by retention and a score."""
    bring(Shop(first=date(2026, 1, 20), effect=0.13, seed=4))
    guards = [{"metric": "back", "worse_by": "30 points"}, {"metric": "nps", "worse_by": "3"}]
    output = test_it(acme, metric="conversion", guardrails=guards, adjust="7 days")
    looked(acme, date(2026, 3, 2))
    made = plan(Trial.objects.get().plan)
    assert made is not None
    assert (made.compared, made.lag, made.weeks, made.days) == ("rate", 2, 4, 16)
    assert made.value == pytest.approx(0.3, abs=0.03)
    assert made.a_week == pytest.approx(1050, rel=0.02)
    assert looked(acme, date(2026, 3, 31)).problems == ()
    days = [row.day for row in ReadOut.objects.all()]
    assert (days[0], days[-1]) == (date(2026, 3, 4), date(2026, 3, 17))
    found = last(output)
    assert (found.compared, found.open, found.subjects) == ("rate", 2, 14 * 150)
    [against] = found.against
    assert against.verdict == "better"
    assert (against.low or 0) < 0.13 < (against.high or 0)
    back, nps = found.guardrails
    assert (back.verdict, back.margin) == ("safe", 0.3)
    assert nps.reason == "In A the denominator has not happened."
    shown = view(output, acme, date(2026, 3, 31))
    assert shown is not None
    assert shown.over
    assert shown.headline.startswith("B raised Conversion by ")
    notes = " ".join(shown.notes)
    assert "Counts users assigned at least 2 days ago" in notes
    assert "A rate is not adjusted by what was before." in notes


def test_nothing_happens_and_more_comes_in(acme: Workspace, bring: Bring) -> None:
    bring(Shop(seed=5, a_day=60))
    output = test_it(acme, effect="2 points")
    looked(acme, date(2026, 3, 16))
    found = last(output)
    assert [a.verdict for a in found.against] == ["no clear difference"]
    shown = view(output, acme, date(2026, 3, 16))
    assert shown is not None
    assert f"to see 2{THIN}points" in shown.headline
    assert looked(acme, date(2026, 3, 17)).read == 1
    bring(Shop(first=date(2026, 3, 14), seed=6, a_day=3))
    assert looked(acme, date(2026, 3, 17)).read == 1
    assert looked(acme, date(2026, 5, 17)).read == 1
    assert looked(acme, date(2026, 6, 17)).read == 0


def test_intervals_hold_the_truth_at_every_look(acme: Workspace, bring: Bring) -> None:
    """Through the store, at every day of five experiments, four of them with an effect."""
    output = test_it(acme, guardrails=None, effect=None)
    for seed, effect in enumerate((0.0, 0.05, -0.08, 0.1, 0.15)):
        acme.sources.get().parts.all().delete()
        bring(Shop(seed=20 + seed, effect=effect, starts=CHECKOUT_STARTS))
        Trial.objects.all().delete()
        output.read_outs.all().delete()
        looked(acme, date(2026, 3, 16))
        looks = [a for row in output.read_outs.all() for a in said(row.said).against]
        told = [a for a in looks if a.low is not None and a.high is not None]
        assert len(told) >= 12
        assert all(a.low <= effect <= a.high for a in told)  # type: ignore[operator]


CHECKOUT_STARTS = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("changes", "where", "word"),
    [
        ({"metric": "pairs"}, "experiment.metric", "Did you mean `payers`?"),
        ({"metric": "typed"}, "experiment.metric", "typed"),
        ({"guardrails": [{"metric": "typed"}]}, "experiment.guardrails[0]", "typed"),
        ({"by": "account"}, "experiment.metric", "by: account"),
        ({"ends": "2026-03-01"}, "experiment.ends", "before it starts"),
        ({"split": {"B": 1, "C": 1}}, "experiment.split", "has no part"),
        ({"effect": "0 points"}, "experiment.effect", "more than 0"),
        ({"within": "2 years"}, "experiment", "cannot be read"),
        ({"control": None}, "experiment", "control"),
    ],
)
def test_what_is_no_experiment(
    acme: Workspace, bring: Bring, changes: dict[str, Any], where: str, word: str
) -> None:
    with pytest.raises(DefinitionError) as refused:
        test_it(acme, **changes)
    assert refused.value.where == where
    assert word in str(refused.value)
    assert not Output.objects.exists()


def test_a_metric_of_another_source(acme: Workspace, tmp_path: Path) -> None:
    """Assigned by what the web sends, and paid by what the till says: not by what the web says."""
    said = {
        "web": ["viewed,2026-03-02T09:00:00Z,a,A", "viewed,2026-03-02T09:00:00Z,b,B"],
        "till": ["paid,2026-03-02T10:00:00Z,b,"],
    }
    said["web"] += ["paid,2026-03-02T10:00:00Z,a,"]
    for name, rows in said.items():
        source = ingest.save_source(acme, name, by=None, now=noon(date(2026, 1, 1)))
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(["event,happened_at,user_id,variant", *rows]) + "\n")
        ingest.import_events(source, path, by=None, now=noon(date(2026, 3, 3)))
    document = {"key": "payers", "kind": "unique", "event": "paid", "source": "till"}
    save_metric(acme, document, by=None, now=noon(date(2026, 1, 1)))
    output = test_it(acme, guardrails=None)
    assert looked(acme, date(2026, 3, 3)).problems == ()
    sums = output.read_outs.get().sums["payers"]
    assert (sums["A"][:2], sums["B"][:2]) == ([1, 0.0], [1, 1.0])


def test_a_metric_that_is_gone_holds_nothing_up(acme: Workspace, bring: Bring) -> None:
    bring(Shop(a_day=30))
    output = test_it(acme, guardrails=None)
    archive_metric(acme.metrics.get(key="payers"), by=None, now=noon(date(2026, 3, 3)))
    assert looked(acme, date(2026, 3, 10)).problems == (
        (
            "checkout",
            "The metric `payers` is archived, or cannot be computed. "
            "Restore it, or name another in the experiment.",
        ),
    )
    shown = view(output, acme, date(2026, 3, 10))
    assert shown is not None
    assert "is archived" in shown.problem


def test_a_guardrail_that_is_gone_is_said(acme: Workspace, bring: Bring) -> None:
    bring(Shop(effect=0.13, seed=4))
    output = test_it(acme)
    archive_metric(acme.metrics.get(key="complaints"), by=None, now=noon(date(2026, 3, 3)))
    [(_, problem)] = looked(acme, date(2026, 3, 16)).problems
    assert problem.startswith("The metric `complaints` is archived")
    found = last(output)
    assert [a.verdict for a in found.against] == ["better"]
    assert [(g.verdict, g.reason) for g in found.guardrails] == [("cannot tell", problem)]
    shown = view(output, acme, date(2026, 3, 16))
    assert shown is not None
    assert shown.problem == problem
    assert problem in shown.guarded[0][1]
    restore_metric(acme.metrics.get(key="complaints"), by=None, now=noon(date(2026, 3, 16)))
    assert looked(acme, date(2026, 3, 16)).problems == ()
    assert last(output).guardrails[0].verdict != "cannot tell" or last(output).guardrails[0].low


def test_who_counts_in_which_variant(acme: Workspace, bring: Bring, tmp_path: Path) -> None:
    """One who was another before; two who turn out to be one; somebody deleted; and late ones."""
    bring(Shop(seed=7, a_day=60))
    output = test_it(acme, split={"A": 1, "B": 1}, guardrails=None)
    looked(acme, date(2026, 3, 16))
    before = last(output)
    rows = [
        ("viewed", "2026-02-20T09:00:00Z", "early", "A", ""),
        ("viewed", "2026-03-03T09:00:00Z", "early", "B", ""),
        ("viewed", "2026-03-03T09:00:00Z", "visitor", "A", ""),
        ("viewed", "2026-03-04T09:00:00Z", "ada", "B", ""),
        ("$identify", "2026-03-05T09:00:00Z", "ada", "", "visitor"),
        ("viewed", "2026-03-05T09:00:00Z", "odd", "C", ""),
        ("viewed", "2026-03-16T09:00:00Z", "late", "B", ""),
    ]
    _import(acme, tmp_path / "more.csv", rows)
    looked(acme, date(2026, 3, 17))
    found = last(output)
    assert found.subjects == before.subjects + 1
    assert {v.name: v.subjects for v in found.variants}["B"] == before.variants[1].subjects + 1
    assert (found.mixed, found.others) == (1, {"C": 1})
    ask_person(acme, "early", blocks=False, by=None, now=noon(date(2026, 3, 17)))
    for minutes in (0, 11):
        at = noon(date(2026, 3, 17)) + timedelta(minutes=minutes)
        rewrite(acme, now=at)
    assert experiments.look(acme, now=at).read == 1
    assert last(output).subjects == before.subjects

    save_output(acme, key="checkout", status="stopped", by=None, now=noon(date(2026, 3, 17)))
    _import(acme, tmp_path / "late.csv", [("viewed", "2026-03-05T09:00:00Z", "slow", "A", "")])
    assert looked(acme, date(2026, 3, 18)).read == 0
    assert last(output).subjects == before.subjects


def _import(workspace: Workspace, path: Path, rows: list[tuple[str, ...]]) -> None:
    lines = ["event,happened_at,user_id,variant,previous_id", *map(",".join, rows)]
    path.write_text("\n".join(lines) + "\n")
    source = workspace.sources.get()
    ingest.import_events(source, path, by=None, now=noon(date(2026, 3, 17)))


def test_a_control_that_nobody_was_given(acme: Workspace, bring: Bring) -> None:
    """Three variants of which one was never seen: each is held to more, and it is said."""
    bring(Shop(seed=8, a_day=60))
    output = test_it(acme, control="old", guardrails=None)
    looked(acme, date(2026, 3, 16))
    shown = view(output, acme, date(2026, 3, 16))
    assert shown is not None
    assert shown.headline == (
        "Nobody was given “old”, the control: “A”, “B” were seen. Name one of them as the control."
    )
    assert "Each of 2 variants is held to 97.5" in shown.rests_on


def test_names_that_never_came_in(acme: Workspace, bring: Bring) -> None:
    bring(Shop(a_day=5))
    asked = {**CHECKOUT, "assigned": {"event": "veiwed"}}
    one = experiment(asked)
    assert one is not None
    assert unseen(acme, one) == ("No event `veiwed` has come in yet. Did you mean `viewed`?",)
    one = experiment({**CHECKOUT, "variant": "varient"})
    assert one is not None
    [line] = unseen(acme, one)
    assert line.endswith("Did you mean `variant`?")
    one = experiment(CHECKOUT)
    assert one is not None
    assert unseen(acme, one) == ()
    test_it(acme, assigned={"event": "veiwed"})
    (found,) = (f for f in check(acme, None) if f.subject == "output:checkout")
    assert "Did you mean `viewed`" in found.message


def test_differences_worth_seeing() -> None:
    assert amount_of("2 points", 0.3) == 0.02
    assert amount_of("5 %", 40.0) == pytest.approx(2.0)
    assert amount_of("1.5", 40.0) == 1.5
    assert timedelta(days=1) == DAY
