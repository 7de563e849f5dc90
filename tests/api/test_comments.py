"""Comments and shared links over the API."""

from __future__ import annotations

from headway.accounts.models import Member
from tests.api.conftest import Api

PATH = "/objectives/start/comments"


def test_comments_are_said_listed_edited_and_deleted(goals: Api, member: Member) -> None:
    made = goals("POST", PATH, {"text": "Slow start."}, status=201)
    assert (made["by"], made["mentions"], made["edited_at"]) == (member.person.email, [], None)
    other = {"text": "Ask the depots.", "key_result": "partners"}
    goals("POST", PATH, other, status=201)
    changed = goals("PUT", f"{PATH}/{made['id']}", {"text": "A good start."})
    assert changed["text"] == "A good start."
    assert changed["edited_at"]
    assert [c["text"] for c in goals("GET", PATH)] == ["A good start."]
    assert [c["text"] for c in goals("GET", f"{PATH}?key_result=partners")] == ["Ask the depots."]
    refused = goals("POST", PATH, {"text": "Ask @nobody-here"}, status=422)
    assert refused["where"] == "text"
    goals("DELETE", f"{PATH}/{made['id']}", status=204)
    assert goals("GET", PATH) == []
    goals("PUT", f"{PATH}/{made['id']}", {"text": "Again."}, status=404)
