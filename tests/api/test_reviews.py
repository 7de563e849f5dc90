"""A cycle closed over the API, and from the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from django.conf import settings

from headway.accounts.models import Workspace
from headway.cli import main
from tests.api.conftest import Api

AT = "/reviews/q4/growth"
JANUARY = datetime(2027, 1, 8, 11, tzinfo=UTC)


def test_a_cycle_is_closed_over_the_api(
    goals: Api, viewers: Api, acme: Workspace, weeks: Callable[..., None]
) -> None:
    weeks("orders", 100, 200, 300)
    goals("POST", "/objectives/start/key-results/partners/check-ins", {"value": 18}, status=201)
    assert goals("GET", "/reviews") == []
    body: dict[str, Any] = {"key_results": {"partners": {"choice": "raise", "target": 30}}}
    left = goals("PUT", f"{AT}/objectives/start", body)
    assert [(m["key_result"], m["field"]) for m in left] == [("", "learnt"), ("more", "choice")]
    viewers("PUT", f"{AT}/objectives/start", body, status=403)
    body = {"learnt": "Call.", "key_results": {"more": {"choice": "drop", "reason": "Enough."}}}
    assert goals("PUT", f"{AT}/objectives/start", body) == []
    assert "runs until" in goals("POST", f"{AT}/close", {}, status=409)["message"]
    acme.clock = JANUARY
    acme.save()
    closed = goals("POST", f"{AT}/close", {"learnt": "All in all."})
    assert (closed["learnt"], closed["objectives"][0]["learnt"]) == ("All in all.", "Call.")
    more, partners = closed["objectives"][0]["key_results"]
    assert (partners["value"], partners["score"], partners["choice"]) == (18, 0.9, "raise")
    assert (more["reason"], more["definition_version"]) == ("Enough.", 1)
    assert goals("GET", AT) == closed | {"launches": []}
    goals("POST", "/objectives/start/key-results/partners/check-ins", {"value": 9}, status=409)
    assert [c["team"] for c in goals("GET", "/reviews")] == ["growth"]
    (found,) = goals("GET", "/reviews/calibration")
    assert (found["words"], found["mean"], found["committed"]) == ("", None, 1)
    assert goals.ask("GET", f"{AT}/pdf").content.startswith(b"%PDF")
    assert "# Growth: " in goals.ask("GET", f"{AT}/markdown").content.decode()
    goals("PUT", "/cycles/q1", {"starts": "2027-01-01", "ends": "2027-03-31"})
    edits = {"start/partners": {"title": "Win more partners", "target": 35}}
    (made,) = goals("POST", f"{AT}/next", {"cycle": "q1", "edits": edits})
    shown = goals("GET", f"/objectives/{made['objective']}/key-results/{made['key']}")
    assert (shown["title"], shown["from"], shown["to"]) == ("Win more partners", 18, 35)
    assert goals("POST", f"{AT}/next", {"cycle": "q1"}) == [], "nothing twice"
    goals("POST", f"{AT}/reopen", {"reason": ""}, status=422)
    assert goals("POST", f"{AT}/reopen", {"reason": "A typo."})["closed_at"] is None
    goals("POST", "/reviews/q1/growth/close", {}, status=404)


def test_a_cycle_is_closed_from_a_file(goals: Api, acme: Workspace, tmp_path: Path) -> None:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()
    goals("POST", "/objectives/start/key-results/partners/check-ins", {"value": 18}, status=201)
    acme.clock = JANUARY
    acme.save()

    def said(*words: str, code: int = 0) -> str:
        found = CliRunner().invoke(main, words)
        assert found.exit_code == code, found.output
        return found.output

    assert "No cycle was closed yet" in said("review")
    assert "Choose what becomes of it." in said("close", "q4", "growth", code=1)
    answers = tmp_path / "answers.yml"
    answers.write_text("objectives: {start: {learned: Call.}}")
    assert "learned" in said("close", "q4", "growth", str(answers), code=2)
    answers.write_text(
        "learnt: All in all.\n"
        "objectives:\n"
        "  start:\n"
        "    learnt: Call.\n"
        "    key_results:\n"
        "      more: {choice: drop, reason: Enough.}\n"
        "      partners: {choice: carry_over}\n"
    )
    assert "closed" in said("close", "q4", "growth", str(answers))
    assert "closed" in said("close", "q4", "growth", str(answers)), "again, nothing changes"
    goals("PUT", "/cycles/q1", {"starts": "2027-01-01", "ends": "2027-03-31"})
    assert "start-well/partners" in said("close", "q4", "growth", "--next", "q1")
    assert "everything already" in said("close", "q4", "growth", "--next", "q1")
    assert "Score: **0.90**" in said("review", "q4", "growth")
    assert '"learnt": "All in all."' in said("review", "q4", "growth", "--format", "json")
    said("review", "q4", "growth", "-o", str(tmp_path / "review.pdf"))
    assert (tmp_path / "review.pdf").read_bytes().startswith(b"%PDF")
    assert "no format" in said("review", "q4", "growth", "-o", "review.doc", code=2)
    assert "Too few to tell" in said("review")
    assert "open" in said("close", "q4", "growth", "--reopen", "A typo.")
