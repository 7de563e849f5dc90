"""Plans, applications and exports of a real workspace in a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from headway.accounts import actions as accounts
from headway.accounts.models import Workspace
from headway.engine.errors import Conflict, DefinitionError, NotAllowed
from headway.feed.models import Change
from headway.files import export as exporting
from headway.files.apply import apply
from headway.files.document import Document
from headway.files.plan import Step, plan
from headway.files.problems import DocumentError
from headway.files.reading import read, reads
from headway.files.state import known_in
from headway.goals import actions as goals
from headway.goals.milestones import tick
from headway.goals.models import KeyResult
from headway.metrics import actions as metrics
from tests.conftest import member_of

NOW = datetime(2026, 11, 20, 11, tzinfo=UTC)
FOLDER = Path(__file__).parent / "workspace"
SMALL = """
teams: [{key: growth, name: Growth}]
cycles: [{key: q4, starts: 2026-10-01, ends: 2026-12-31}]
metrics: [{key: orders, kind: count, event: order}]
objectives:
  - key: start
    cycle: q4
    team: growth
    title: Start well
    key_results: [{key: more, metric: orders, to: 500}]
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def parcel() -> Workspace:
    apply(None, read(FOLDER), by=None, now=NOW)
    return Workspace.objects.get(key="parcel")


def said(workspace: Workspace, text: str) -> Document:
    return reads(text, lambda _: known_in(workspace))


def do(workspace: Workspace, text: str, *, adopt: bool = False) -> list[str]:
    found = said(workspace, text)
    return brief(apply(workspace, found, by=None, now=NOW, adopt=adopt, reason="As agreed."))


def brief(steps: list[Step]) -> list[str]:
    return [f"{s.action} {s.subject}{' adopted' * s.adopts}" for s in steps]


def exported(workspace: Workspace, folder: Path) -> Document:
    exporting.write(workspace, folder)
    return read(folder, lambda _: known_in(workspace))


def test_applying_makes_the_workspace_and_all_that_is_in_it(parcel: Workspace) -> None:
    assert (parcel.timezone, parcel.currency, parcel.clock) == ("Europe/Berlin", "EUR", NOW)
    assert parcel.sources.get(key="shop").usual_gap_days == 3
    growth = parcel.teams.get(key="growth")
    assert growth.parent == parcel.teams.get(key="company")
    assert sorted(m.person.email for m in growth.people.all()) == [
        "ada@parcel.example",
        "ben@parcel.example",
    ]
    assert parcel.metrics.get(key="revenue").owner.person.email == "ben@parcel.example"
    start = parcel.objectives.get(key="effortless-start")
    assert [o.key for o in start.supports.all()] == ["most-trusted"]
    assert sorted(m.key for m in start.guardrails.all()) == ["average_order", "satisfaction"]
    rows = {k.key: k for k in start.key_results.all()}
    assert (rows["time"].baseline_typed, rows["time"].target) == (1800, 300)
    assert rows["time"].due == date(2026, 12, 15)
    happier, sold, vienna = rows["happier"], rows["sold"], rows["vienna"]
    assert (happier.commit, happier.target, happier.stretch) == (0.85, 0.9, 0.95)
    assert (happier.shape, happier.pace) == ("graded", "seasonal")
    assert str(happier.delegate.person.email) == "ben@parcel.example"
    assert [t.key for t in happier.teams.all()] == ["company"]
    assert sold.pace == "phased"
    assert sold.phases == {"2026-10-31": 400_000, "2026-11-30": 1_100_000}
    assert [str(m) for m in vienna.milestones.all()] == [
        "Depot rented (due 2026-10-15)",
        "First parcel delivered (weight 3, due 2026-12-01)",
    ]
    assert (vienna.progress, vienna.expected) == (0.25, 0.175)
    assert (rows["satisfied"].at_least, rows["satisfied"].weight) == (0.85, 2)
    assert (rows["revenue"].over, rows["revenue"].target) == ("cycle_to_date", 1_500_000)
    assert (rows["orders"].change, rows["orders"].change_in) == (0.25, "percent")
    assert (rows["orders"].over, rows["orders"].over_n) == ("trailing", 28)
    assert (rows["share"].change, rows["share"].change_in) == (0.05, "points")
    assert (rows["waste"].change, rows["waste"].cycle.key) == (-0.125, "2026")
    assert (rows["partners"].shape, rows["partners"].unit) == ("manual", "partners")
    assert all(k.managed_in_code for k in rows.values())
    assert start.managed_in_code
    assert parcel.keep_events == "13 months"
    assert [stage["key"] for stage in parcel.journey] == ["start", "run"]
    assert parcel.journey[1]["capabilities"][0]["job"] == "be fast"
    shipped, planned, tested = parcel.outputs.order_by("key")
    assert (shipped.status, shipped.launched) == ("launched", date(2026, 10, 20))
    assert [m.key for m in shipped.moves.all()] == ["setup_time"]
    assert [m.key for m in shipped.controls.all()] == ["orders"]
    assert (shipped.owner.person.email, shipped.team.key) == ("ada@parcel.example", "growth")
    assert shipped.audience == {"where": {"country": {"in": ["DE", "AT"]}}}
    assert (planned.name, planned.status) == ("Spring campaign", "planned")
    assert planned.managed_in_code
    assert tested.experiment["guardrails"] == [
        {"metric": "satisfaction", "worse_by": "1 %"},
        {"metric": "revenue"},
    ]
    fire, holiday = parcel.annotations.filter(origin="").order_by("key")
    assert (fire.kind, fire.covers, fire.last) == ("incident", "metrics", date(2026, 9, 5))
    assert sorted(m.key for m in fire.metrics.all()) == ["revenue", "setup_time"]
    assert (holiday.covers, holiday.managed_in_code) == ("all", True)
    launch = parcel.annotations.get(origin="output")
    assert (launch.title, launch.starts) == ("New onboarding", date(2026, 10, 20))


def test_applying_again_changes_nothing(parcel: Workspace) -> None:
    document = read(FOLDER, lambda _: known_in(parcel))
    assert plan(parcel, document) == []
    before = Change.objects.count()
    assert apply(parcel, document, by=None, now=NOW) == []
    assert Change.objects.count() == before


def test_an_export_applies_without_a_trace(parcel: Workspace, tmp_path: Path) -> None:
    document = exported(parcel, tmp_path)
    assert plan(parcel, document) == []
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [
        "annotations.yml",
        "metrics.yml",
        "objectives.yml",
        "workspace.yml",
    ]


def test_an_export_makes_an_equal_workspace(parcel: Workspace, tmp_path: Path) -> None:
    exporting.write(parcel, tmp_path / "first")
    text = "\n".join(p.read_text() for p in sorted((tmp_path / "first").iterdir()))
    document = reads(text.replace("key: parcel", "key: twin"))
    apply(None, document, by=None, now=NOW)
    twin = Workspace.objects.get(key="twin")
    first, second = exporting.export(parcel), exporting.export(twin)
    assert second.pop("workspace") == {**first.pop("workspace"), "key": "twin"}
    assert second == first


def test_what_the_web_made_is_exported_and_stays_the_webs(acme: Workspace, tmp_path: Path) -> None:
    team = accounts.save_team(acme, "growth", "Growth", by=None, now=NOW)
    cycle = goals.save_cycle(
        acme, key="q4", name="", starts=date(2026, 10, 1), ends=date(2026, 12, 31), by=None, now=NOW
    )
    metric = metrics.save_metric(
        acme, {"key": "orders", "kind": "count", "event": "order"}, by=None, now=NOW
    )
    objective = goals.save_objective(
        acme, key="o", title="Sell", team=team, cycle=cycle, by=None, now=NOW
    )
    goals.save_key_result(
        objective,
        key="k",
        shape="keep",
        metric=metric,
        at_least=0.1,
        target=3.0,
        reason="Enough.",
        by=None,
        now=NOW,
    )
    document = exported(acme, tmp_path)
    assert plan(acme, document) == []
    assert brief(plan(acme, document, adopt=True)) == [
        "change team:growth adopted",
        "change cycle:q4 adopted",
        "change metric:orders adopted",
        "change objective:o adopted",
        "change key_result:o/k adopted",
    ]
    apply(acme, document, by=None, now=NOW, adopt=True)
    assert acme.metrics.get().managed_in_code
    assert plan(acme, document, adopt=True) == []


def test_an_export_leaves_out_what_is_archived_and_links_to_nothing(
    acme: Workspace, tmp_path: Path
) -> None:
    do(acme, SMALL)
    metric = {"key": "visits", "kind": "count", "event": "visit", "drives": ["profit", "orders"]}
    metrics.save_metric(acme, metric, by=None, now=NOW)
    goals.archive_objective(acme.objectives.get(), by=None, now=NOW, managed=True)
    document = exported(acme, tmp_path)
    assert [(m.key, m.drives) for m in document.metrics] == [("orders", []), ("visits", ["orders"])]
    assert document.objectives == []
    assert plan(acme, document) == []


def test_changes_are_shown_field_by_field(acme: Workspace) -> None:
    do(acme, SMALL)
    (step,) = plan(acme, said(acme, SMALL.replace("to: 500", "to: 1k, weight: 2")))
    assert (step.action, step.subject) == ("change", "key_result:start/more")
    assert [(c.field, c.before, c.after) for c in step.changes] == [
        ("to", 500, 1000),
        ("weight", None, 2),
    ]


def test_a_changed_shape_leaves_nothing_of_the_old_one(acme: Workspace) -> None:
    do(acme, SMALL)
    assert do(acme, SMALL.replace("to: 500", "reduce_by: 10 %")) == ["change key_result:start/more"]
    row = acme.objectives.get().key_results.get()
    assert (row.shape, row.target, row.change) == ("relative", None, -0.1)


def test_what_leaves_the_files_is_archived_or_released(acme: Workspace) -> None:
    do(acme, SMALL)
    assert do(acme, "metrics: []") == [
        "archive key_result:start/more",
        "archive objective:start",
        "archive metric:orders",
        "release cycle:q4",
        "release team:growth",
    ]
    assert acme.metrics.get().archived_at == NOW
    assert not acme.cycles.get().managed_in_code
    assert plan(acme, said(acme, "metrics: []")) == []
    assert set(exporting.export(acme)) == {"workspace", "teams", "cycles"}


def test_what_comes_back_to_the_files_is_restored(acme: Workspace) -> None:
    do(acme, SMALL)
    do(acme, "metrics: []")
    assert do(acme, SMALL) == [
        "restore metric:orders",
        "restore objective:start",
        "restore key_result:start/more",
    ]
    assert plan(acme, said(acme, SMALL)) == []
    assert acme.metrics.get().archived_at is None


def test_what_the_web_made_is_never_archived(acme: Workspace) -> None:
    metrics.save_metric(
        acme, {"key": "visits", "kind": "count", "event": "visit"}, by=None, now=NOW
    )
    do(acme, SMALL)
    assert acme.metrics.get(key="visits").archived_at is None


def test_a_clash_with_the_web_is_adopted_and_said(acme: Workspace) -> None:
    metrics.save_metric(
        acme, {"key": "orders", "kind": "count", "event": "ordered"}, by=None, now=NOW
    )
    assert do(acme, "metrics: [{key: orders, kind: count, event: order}]") == [
        "change metric:orders adopted"
    ]
    assert acme.metrics.get().managed_in_code


def test_a_cycle_may_shrink_together_with_what_is_due_in_it(acme: Workspace) -> None:
    do(acme, SMALL)
    assert do(acme, SMALL.replace("12-31", "11-30")) == [
        "change cycle:q4",
        "change key_result:start/more",
    ]
    assert acme.cycles.get().ends == date(2026, 11, 30)
    assert acme.objectives.get().key_results.get().due == date(2026, 11, 30)


def test_names_of_what_is_going_away_are_not_known(acme: Workspace) -> None:
    do(acme, SMALL)
    with pytest.raises(DocumentError, match="There is no metric `orders`"):
        said(acme, "metrics: [{key: twice, kind: formula, formula: orders * 2}]")


def test_nothing_is_applied_when_a_verb_refuses(acme: Workspace) -> None:
    do(acme, SMALL)
    of_web = goals.save_objective(
        acme, title="Mine", team=acme.teams.get(), cycle=acme.cycles.get(), by=None, now=NOW
    )
    goals.save_key_result(of_web, shape="manual", title="Deals", target=5.0, by=None, now=NOW)
    shorter = SMALL.replace("12-31", "11-30") + "workspace: {key: acme, name: New}\n"
    with pytest.raises(DefinitionError, match="is due on 2026-12-31, outside the cycle q4"):
        do(acme, shorter)
    acme.refresh_from_db()
    assert acme.name == "Acme"
    assert acme.cycles.get().ends == date(2026, 12, 31)


def test_viewers_may_not_apply(acme: Workspace) -> None:
    viewer = member_of(acme, "viewer", NOW)
    with pytest.raises(NotAllowed):
        apply(acme, said(acme, SMALL), by=viewer, now=NOW)
    assert acme.teams.count() == 0


def test_members_may_apply_but_not_change_settings(acme: Workspace) -> None:
    member = member_of(acme, "member", NOW)
    apply(acme, said(acme, SMALL), by=member, now=NOW)
    assert acme.objectives.count() == 1
    with pytest.raises(NotAllowed):
        apply(acme, said(acme, SMALL + "workspace: {key: acme, name: New}"), by=member, now=NOW)


def test_settings_that_are_left_out_stay(acme: Workspace) -> None:
    assert do(acme, "workspace: {key: acme, currency: USD}") == ["change workspace:acme"]
    acme.refresh_from_db()
    assert (acme.name, acme.currency) == ("Acme", "USD")


def test_an_export_keeps_away_from_other_definitions(acme: Workspace, tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("teams: []")
    with pytest.raises(Conflict, match="holds other definitions"):
        exporting.write(acme, tmp_path)


def test_what_was_ticked_stays_ticked_though_the_files_do_not_say_so(parcel: Workspace) -> None:
    vienna = KeyResult.objects.get(key="vienna")
    tick(vienna, "First parcel delivered", done=date(2026, 11, 19), by=None, now=NOW)
    assert plan(parcel, read(FOLDER, lambda _: known_in(parcel))) == []
    assert vienna.progress == 1


def test_a_target_of_an_open_cycle_changes_with_a_reason(acme: Workspace) -> None:
    do(acme, SMALL)
    higher = said(acme, SMALL.replace("to: 500", "to: 600"))
    with pytest.raises(DefinitionError, match="Give a reason"):
        apply(acme, higher, by=None, now=NOW)
    assert apply(acme, higher, by=None, now=NOW, reason="A second shop opened.")
    change = Change.objects.get(subject="key_result:start/more", what="target")
    assert (change.before, change.after, change.why) == ("500", "600", "A second shop opened.")


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ("to: 5, grades: {commit: 1, target: 2, stretch: 3}", "", "`to` and `grades`"),
        ("grades: {commit: 3, target: 2, stretch: 4}", "grades", "not in order"),
        ("grades: {commit: 1, target: 2 %, stretch: 4}", "grades.target", "percentage"),
        ("milestones: [{name: Do}]", "milestones", "no metric measures"),
        ("to: 5, phases: {2026-12-31: 4}", "phases.2026-12-31", "not between the days"),
        ("to: 5, phases: {2026-11-31: 4}", "phases.2026-11-31", "not a day"),
        ("to: 5, phases: {2026-11-30: 4 %}", "phases.2026-11-30", "percentage"),
        ("to: 5, pace: phased", "pace", "no values"),
        ("to: 5, phases: {2026-11-30: 4}, pace: seasonal", "pace", "not both"),
        ("keep: {at_least: 5}, pace: seasonal", "pace", "inside its bounds"),
        ("to: 5, teams: [nobody]", "teams", "no team `nobody`"),
        ("to: 5, delegate: eve@x.example", "delegate", "no member"),
    ],
)
def test_what_no_key_result_can_ask_is_told(
    acme: Workspace, asked: str, field: str, words: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        said(acme, SMALL.replace("to: 500", asked))
    [problem] = caught.value.problems
    assert words in f"{problem.field} {problem.message}"
    assert problem.field.startswith(f"objectives[start].key_results[more].{field}".rstrip("."))


def test_waivers_of_findings_are_kept_changed_and_taken_up(parcel: Workspace) -> None:
    partners = KeyResult.objects.get(key="partners")
    [kept] = partners.waivers.all()
    assert (kept.code, kept.reason, kept.by) == (
        "key-result-no-source",
        "No system knows them.",
        None,
    )
    assert parcel.coach_off == ["objective-long", "set-many-objectives"]
    document = exporting.export(parcel)
    assert document["workspace"]["coach_off"] == parcel.coach_off
    [trusted] = [o for o in document["objectives"] if o["key"] == "most-trusted"]
    assert trusted["waived"] == {"set-unsupported": "Teams link to it in January."}
    with pytest.raises(DocumentError, match=r"no rule `key-result-nosource` here. Did you mean"):
        reads(SMALL.replace("to: 500", "to: 500, waived: {key-result-nosource: Why not.}"))
    with pytest.raises(DocumentError, match="no rule `objective-lon`"):
        reads("workspace: {key: parcel, coach_off: [objective-lon]}")
    fine = SMALL.replace("to: 500", "to: 500, waived: {key-result-vanity: Sold orders.}")
    do(parcel, fine)
    assert do(parcel, SMALL) == ["change key_result:start/more"]
    assert not KeyResult.objects.get(key="more").waivers.exists()
