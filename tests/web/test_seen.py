"""Two people who edit the same thing at once: nobody writes over the other unseen."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from headway.goals.models import Objective
from tests.access.worlds import World, build

pytestmark = pytest.mark.django_db

EDITS = {
    "/yak/objectives/yak/edit": "title",
    "/yak/objectives/yak/yak/edit": "title",
    "/yak/kpis/yak/edit": "name",
    "/yak/outcomes/yak/edit": "name",
    "/yak/annotations/yak": "title",
}


@pytest.fixture
def yak(db: None) -> World:
    return build("yak")


def signed_in(member: Any) -> Client:
    client = Client()
    client.force_login(member.person)
    return client


def filled(page: str) -> dict[str, Any]:
    """What the form of the page would send as it stands."""
    found = re.search(r'<form[^>]*class="stack.*?</form>', page, re.S)
    assert found
    form, sent = found[0], {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = _attribute(tag, "name"), _attribute(tag, "value")
        if "checked" in tag or not re.search(r'type="(checkbox|radio)"', tag):
            sent.setdefault(name, []).append(value)
    for name, inner in re.findall(r'<select[^>]*name="([\w-]+)"[^>]*>(.*?)</select>', form, re.S):
        sent[name] = re.findall(r'<option value="([^"]*)" selected', inner)
    for name, text in re.findall(r'<textarea[^>]*name="([\w-]+)"[^>]*>(.*?)</text', form, re.S):
        sent[name] = [html.unescape(text).strip()]
    return sent


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


@pytest.mark.parametrize(("path", "field"), EDITS.items())
def test_what_others_saved_meanwhile_is_told_before_it_is_written_over(
    yak: World, path: str, field: str
) -> None:
    ada, grace = signed_in(yak.admin), signed_in(yak.member)
    hers = filled(ada.get(path).content.decode())
    theirs = filled(grace.get(path).content.decode())
    assert grace.post(path, {**theirs, field: "By Grace"}).status_code == 302
    answer = ada.post(path, {**hers, field: "By Ada"})
    page = html.unescape(answer.content.decode())
    assert "Member saved changes while you were typing" in page
    assert 'value="By Ada"' in page, "nothing that was typed is lost"
    again = {**hers, "seen": filled(page)["seen"], field: "By Ada"}
    assert ada.post(path, again).status_code == 302
    assert "By Ada" in html.unescape(ada.get(path).content.decode())


def test_ones_own_changes_and_what_is_no_edit_are_in_nobodys_way(yak: World) -> None:
    ada, grace = signed_in(yak.admin), signed_in(yak.member)
    path = "/yak/objectives/yak/edit"
    typed = filled(ada.get(path).content.decode())
    grace.post("/yak/objectives/yak/comments", {"text": "Hm."})
    for title in ("First", "Second"):
        assert ada.post(path, {**typed, "title": title}).status_code == 302
    assert Objective.objects.get(key="yak").title == "Second"
    long_ago = (timezone.now() - timedelta(days=9)).isoformat()
    assert ada.post(path, {**typed, "seen": long_ago, "title": "Third"}).status_code == 302
    assert ada.post(path, {**typed, "seen": "x", "title": "Fourth"}).status_code == 302
