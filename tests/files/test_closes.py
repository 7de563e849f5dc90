"""Closes in documents: they go out with their numbers, come in as they were, and never change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from headway.accounts import actions as accounts
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError, NotAllowed
from headway.feed.models import Change
from headway.files import export as exporting
from headway.files.apply import apply
from headway.files.plan import plan
from headway.files.problems import DocumentError
from headway.files.reading import read, reads
from headway.files.refusals import Refused
from headway.files.state import known_in
from headway.goals import actions
from headway.goals.close import closing
from headway.goals.close.succession import save_next
from headway.goals.models import Close, KeyResult
from headway.goals.past import Past, add_past

IN, NOW = datetime(2026, 9, 20, 12, tzinfo=UTC), datetime(2026, 11, 20, 11, tzinfo=UTC)
GOALS = """
workspace: {key: %s, name: Acme, timezone: UTC, currency: EUR}
teams: [{key: growth, name: Growth}]
cycles:
  - {key: q3, starts: 2026-07-01, ends: 2026-09-30}
  - {key: q4, starts: 2026-10-01, ends: 2026-12-31}
objectives:
  - key: start
    cycle: q3
    team: growth
    title: Start well
    key_results:
      - {key: calls, title: Calls answered, from: 0, to: 40, unit: calls}
      - {key: steps, title: Steps, milestones: [{name: Beta}, {name: Live}]}
"""
ANSWERS = """
closes:
  - team: growth
    cycle: q3
    learnt: Ask earlier.
    objectives:
      - key: start
        learnt: People call on Mondays.
        score: 0.7
        score_reason: Half of August was an outage.
        key_results:
          - {key: calls, choice: raise, target: 60}
          - {key: steps, choice: drop, reason: Nobody waits for it., score: 0, score_reason: So.}
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Workspace:
    apply(None, reads(GOALS % "acme"), by=None, now=IN)
    found = Workspace.objects.get(key="acme")
    calls = KeyResult.objects.get(key="calls")
    add_past(calls, [Past(date(2026, 9, 19), 30.0, None, "")], by=None, now=IN)
    return found


def do(workspace: Workspace, text: str, by: Member | None = None) -> list[str]:
    whole = text if "workspace:" in text else GOALS % workspace.key + text
    document = reads(whole, lambda _: known_in(workspace))
    return [f"{s.action} {s.subject}" for s in apply(workspace, document, by=by, now=NOW)]


def closed(workspace: Workspace) -> Close:
    assert do(workspace, ANSWERS) == ["create close:q3/growth"]
    return closing.close(Close.objects.get(team__workspace=workspace), by=None, now=NOW)


def exported(workspace: Workspace, folder: Path, key: str = "") -> str:
    exporting.write(workspace, folder)
    texts = [path.read_text() for path in sorted(folder.iterdir())]
    return "\n".join(texts).replace("key: acme", f"key: {key or 'acme'}", 1)


def test_answers_are_given_by_a_document_until_it_is_closed(
    home: Workspace, tmp_path: Path
) -> None:
    assert do(home, ANSWERS) == ["create close:q3/growth"]
    assert do(home, ANSWERS) == []
    assert do(home, exported(home, tmp_path)) == []
    assert do(home, ANSWERS.replace("Mondays", "Fridays")) == ["change close:q3/growth"]
    found = Close.objects.get()
    assert (found.closed_at, found.learnt) == (None, "Ask earlier.")
    assert closing.left_of(list(closing.objectives_of(found))) == []
    with pytest.raises(DocumentError, match="There is no objective `begin`"):
        do(home, ANSWERS.replace("key: start", "key: begin"))
    with pytest.raises(DocumentError, match="defined 2 times"):
        do(home, ANSWERS + ANSWERS.removeprefix("\ncloses:\n"))


def test_a_closed_cycle_goes_out_with_its_numbers_and_never_changes(
    home: Workspace, tmp_path: Path
) -> None:
    close = closed(home)
    text = exported(home, tmp_path)
    document = read(tmp_path, lambda _: known_in(home))
    (objective,) = document.closes[0].objectives
    assert objective.frozen is not None
    assert (objective.score, objective.frozen.score) == (0.7, 0.375)
    frozen = objective.key_results[0].frozen
    assert frozen is not None
    assert (frozen.value, frozen.target, frozen.progress, frozen.score) == (30, 40, 0.75, 0.75)
    assert do(home, text) == []
    for before, after in (
        ("Ask earlier.", "Ask later."),
        ("choice: raise", "choice: carry_over"),
        ("value: 30", "value: 40"),
    ):
        assert before in text
        with pytest.raises(Conflict, match="`q3/growth` is closed and never changes"):
            do(home, text.replace(before, after, 1))
    with pytest.raises(Refused, match="Growth closed q3"):
        do(home, text.replace("Calls answered", "Calls taken", 1))
    save_next(close, home.cycles.get(key="q4"), {}, by=None, now=NOW)
    assert not [s for s in plan(home, document) if s.noun == "close"], "what follows is no change"


def test_a_close_comes_into_an_empty_workspace_as_it_was(home: Workspace, tmp_path: Path) -> None:
    closed(home)
    text = exported(home, tmp_path, "twin")
    apply(None, reads(text), by=None, now=NOW)
    twin = Workspace.objects.get(key="twin")
    assert do(twin, text) == []
    found = KeyResult.objects.get(objective__workspace=twin, key="calls")
    assert (found.value, found.progress, found.closed.score, found.closed.frozen) == (
        30, 0.75, 0.75, True,
    )  # fmt: skip
    with pytest.raises(Conflict, match="Growth closed q3"):
        actions.check_in(found, value=35, by=None, now=NOW)
    assert Change.objects.filter(workspace=twin, what="closed").count() == 1


def test_only_an_admin_tells_how_a_cycle_was_closed(home: Workspace, tmp_path: Path) -> None:
    closed(home)
    text = exported(home, tmp_path, "twin")
    apply(None, reads(GOALS % "twin"), by=None, now=IN)
    twin = Workspace.objects.get(key="twin")
    person = accounts.create_person("eve@acme.example", None)
    eve = accounts.add_member(twin, person, "member", by=None, now=NOW)
    with pytest.raises(NotAllowed):
        do(twin, text, by=eve)
    early = text.replace("closed: '2026-11-20", "closed: '2026-09-20")
    assert early != text
    with pytest.raises(DefinitionError, match="runs until 2026-09-30"):
        do(twin, early)
    with pytest.raises(DefinitionError, match="Choose what becomes of it"):
        do(twin, text.replace("choice: raise", "choice: ''"))
    assert not Close.objects.filter(team__workspace=twin).exists(), "all or nothing"
