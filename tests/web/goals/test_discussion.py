"""What people say of a goal, and whom they name in it."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from headway.accounts.models import Member
from headway.feed.models import Change
from headway.goals.models import Comment, KeyResult, Objective
from tests.web.goals.conftest import page

PATH = "/acme/objectives/effortless-start"


def test_a_comment_is_said_edited_and_deleted_and_the_trail_keeps_it(
    objective: Objective, as_member: Client, as_viewer: Client, admin: Member, viewer: Member
) -> None:
    text = "Who knows why?\nAsk @viewer@acme.example, or @Admin <b>now</b>. Mail x@y.example"
    answer = as_member.post(f"{PATH}/comments", {"text": text})
    made = Comment.objects.get()
    assert answer["Location"] == f"{PATH}#comment-{made.pk}"
    assert {m.member for m in made.mentions.all()} == {admin, viewer}
    said = page(as_member, PATH)
    assert "Who knows why?<br>Ask <strong" in said
    assert "@Viewer</strong>" in said
    assert "&lt;b&gt;now&lt;/b&gt;" in said
    other = page(as_viewer, PATH)
    assert "Who knows why?" in other
    assert "/comments" not in other
    as_member.post(f"{PATH}/comments", {"do": "edit", "comment": made.pk, "text": "Never mind."})
    assert "edited" in page(as_member, PATH)
    as_member.post(f"{PATH}/comments", {"do": "delete", "comment": made.pk})
    assert f"comment-{made.pk}" not in page(as_member, PATH)
    kept = Change.objects.filter(what__startswith="comment").order_by("pk")
    assert [(c.what, c.before, c.after) for c in kept] == [
        ("comment", "", text),
        ("comment_edited", text, "Never mind."),
        ("comment_deleted", "Never mind.", ""),
    ]


def test_who_cannot_be_found_is_said_and_the_text_is_kept(
    objective: Objective, as_member: Client, admin: Member
) -> None:
    answer = as_member.post(f"{PATH}/comments", {"text": "Ask @admim why", "mention": ""})
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "`@admim` names nobody here" in said
    assert "@admin" in said
    assert "Ask @admim why</textarea>" in said
    assert not Comment.objects.exists()
    as_member.post(f"{PATH}/comments", {"text": "Why?", "mention": f"@{admin.person.email}"})
    assert Comment.objects.get().mentions.get().member == admin


def test_only_the_author_changes_it_and_key_results_have_their_own(
    objective: Objective,
    new_key_result: Callable[..., KeyResult],
    as_member: Client,
    as_viewer: Client,
    admin: Member,
    client: Client,
) -> None:
    new_key_result(objective, title="Depots", shape="manual", baseline_typed=2.0, target=9.0)
    as_member.post(f"{PATH}/depots/comments", {"text": "Two more by May."})
    made = Comment.objects.get()
    assert "Two more by May." in page(as_member, f"{PATH}/depots")
    assert f"comment-{made.pk}" not in page(as_member, PATH)
    client.force_login(admin.person)
    change = {"do": "edit", "comment": made.pk, "text": "Three."}
    assert client.post(f"{PATH}/depots/comments", change).status_code == 403
    assert as_viewer.post(f"{PATH}/depots/comments", {"text": "Hm."}).status_code == 403
    assert client.post(f"{PATH}/comments", change).status_code == 404
    made.refresh_from_db()
    assert made.text == "Two more by May."
