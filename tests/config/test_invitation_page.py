"""An invitation's link, as the invited person meets it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from headway.accounts import actions
from headway.accounts.models import Member, Person

PASSWORD = "correct horse battery"


@pytest.fixture
def link(acme, admin):
    _, raw = actions.invite(acme, "viewer", "bob@x.example", by=admin, now=timezone.now())
    return f"/invitation/{raw}/"


def test_somebody_new_joins_and_is_signed_in(client, acme, link):
    shown = client.get(link).content.decode()
    assert "Join Acme" in shown
    assert "bob@x.example" in shown
    response = client.post(link, {"name": "Bob", "password": PASSWORD})
    assert response.status_code == 302
    bob = Member.objects.get(person__email="bob@x.example")
    assert (bob.role, bob.workspace, bob.person.name) == ("viewer", acme, "Bob")
    assert int(client.session["_auth_user_id"]) == bob.person_id


def test_a_weak_password_shows_why_and_makes_nobody(client, link):
    response = client.post(link, {"name": "Bob", "password": "short"})
    assert response.status_code == 422
    assert "too short" in response.content.decode()
    assert not Person.objects.filter(email="bob@x.example").exists()


def test_the_link_works_once(client, link):
    client.post(link, {"name": "Bob", "password": PASSWORD})
    response = client.get(link)
    assert response.status_code == 404
    assert "not valid" in response.content.decode()


def test_somebody_with_an_account_joins_in_their_own_name(client, acme, link):
    bob = actions.create_person("bob@x.example", PASSWORD)
    client.force_login(bob)
    assert "signed in as bob@x.example" in client.get(link).content.decode()
    assert client.post(link).status_code == 302
    assert acme.members.get(person=bob).role == "viewer"


def test_somebody_else_cannot_use_it(client, acme, link):
    eve = actions.create_person("eve@x.example", PASSWORD)
    client.force_login(eve)
    response = client.post(link)
    assert response.status_code == 422
    assert "for bob@x.example" in response.content.decode()
    assert not acme.members.filter(person=eve).exists()
