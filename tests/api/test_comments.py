"""Comments, shared links and mails over the API."""

from __future__ import annotations

from django.test import Client

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


def test_pages_are_shared_and_withdrawn(goals: Api) -> None:
    made = goals("POST", "/links", {"page": "objectives/start", "days": 7}, status=201)
    path = made["link"].partition("8000")[2]
    assert path.startswith("/shared/")
    visitor = Client()
    assert visitor.get(path).status_code == 200
    [listed] = goals("GET", "/links")
    assert (listed["page"], listed["id"]) == ("objectives/start", made["id"])
    assert listed["opened_at"]
    assert "link" not in listed
    goals("POST", "/links", {"page": "objectives/none"}, status=404)
    assert goals("POST", "/links", {"page": "settings"}, status=422)["where"] == "page"
    assert goals("POST", "/links", {"page": "boards", "days": 0}, status=422)["where"] == "days"
    goals("DELETE", f"/links/{made['id']}", status=204)
    assert visitor.get(path).status_code == 404
    goals("DELETE", f"/links/{made['id']}", status=404)


def test_one_chooses_which_mails_one_gets(goals: Api) -> None:
    usual = {"reminder": True, "digest": False, "mention": True, "alert": True}
    assert goals("GET", "/mails") == usual
    changed = goals("PUT", "/mails", {"digest": True, "reminder": False})
    assert changed == usual | {"reminder": False, "digest": True}
    goals("PUT", "/mails", {"digests": True}, status=422)
