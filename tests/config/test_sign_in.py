"""Signing in and out, a forgotten password, and what every response carries, over HTTP."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from headway.accounts.models import Person

PASSWORD = "correct horse battery"
LOGIN = "/accounts/login/"


def sign_in(client, email, password=PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def signed_in(client):
    return "_auth_user_id" in client.session


def test_a_member_signs_in_and_out(client, member):
    assert sign_in(client, "Member@Acme.example").status_code == 302
    assert signed_in(client)
    assert client.post("/accounts/logout/").status_code == 302
    assert not signed_in(client)


@pytest.mark.parametrize(
    ("email", "password"), [("member@acme.example", "wrong"), ("nobody@acme.example", PASSWORD)]
)
def test_a_wrong_pair_is_refused_without_saying_which_half(client, member, email, password):
    response = sign_in(client, email, password)
    assert not signed_in(client)
    assert "email address and/or password" in response.content.decode()


def test_a_closed_account_cannot_sign_in(client, member):
    Person.objects.filter(pk=member.person_id).update(is_active=False)
    sign_in(client, member.person.email)
    assert not signed_in(client)


def test_nobody_makes_an_account_by_themselves(client, db):
    shown = client.get("/accounts/signup/")
    assert "By invitation only" in shown.content.decode()
    client.post("/accounts/signup/", {"email": "eve@x.example", "password1": PASSWORD})
    assert not Person.objects.exists()


def test_a_forgotten_password_is_reset_by_mail(client, member, mailoutbox, settings):
    settings.BASE_URL = "https://okr.example.org"
    asked = client.post("/accounts/password/reset/", {"email": member.person.email})
    assert asked.status_code == 302
    (mail,) = mailoutbox
    assert mail.to == [member.person.email]
    link = re.search(r"https://okr\.example\.org(/accounts/password/reset/key/\S+)", mail.body)
    assert link, mail.body
    form = client.get(link[1], follow=True)
    path = form.redirect_chain[-1][0]
    new = "a better staple than before"
    client.post(path, {"password1": new, "password2": new})
    assert not signed_in(client)
    sign_in(client, member.person.email)
    assert not signed_in(client)
    sign_in(client, member.person.email, new)
    assert signed_in(client)
    client.post("/accounts/logout/")
    again = client.get(link[1], follow=True)
    assert "does not work any more" in again.content.decode()


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, member, mailoutbox):
    known = client.post("/accounts/password/reset/", {"email": member.person.email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@acme.example"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert len(mailoutbox) == 1


def test_a_password_is_changed_by_who_knows_it(client, member):
    sign_in(client, member.person.email)
    new = "a better staple than before"
    path = "/accounts/password/change/"
    client.post(path, {"oldpassword": "wrong", "password1": new, "password2": new})
    assert Person.objects.get(pk=member.person_id).check_password(PASSWORD)
    client.post(path, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert Person.objects.get(pk=member.person_id).check_password(new)


@pytest.mark.parametrize(
    "path",
    [
        LOGIN,
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/x-set-password/",
        "/accounts/password/reset/key/done/",
        "/accounts/inactive/",
        "/invitation/wrong/",
    ],
)
def test_every_page_before_sign_in_stands_alone(client, db, path):
    response = client.get(path)
    assert response.status_code in (200, 404)
    assert b"<h1>" in response.content
    assert b"style=" not in response.content


def test_no_page_loads_or_runs_anything_from_elsewhere(client, db):
    policy = client.get(LOGIN).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] in ("'self'", "'none'")
    assert rules["img-src"] == "'self' data:"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy


def test_forms_are_refused_without_their_token(member):
    from django.test import Client

    careful = Client(enforce_csrf_checks=True)
    assert sign_in(careful, member.person.email).status_code == 403


def test_static_files_are_served_without_a_collecting_step(client):
    response = client.get("/static/django_htmx/htmx-2.min.js")
    assert response.status_code == 200
    assert b"htmx" in b"".join(response)


def test_an_icon_is_where_browsers_look_for_it(client):
    answer = client.get("/favicon.ico", follow=True)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/svg+xml"


def test_a_browser_asks_again_before_it_shows_a_page_to_whoever_comes_next(client, member):
    sign_in(client, member.person.email)
    page = client.get("/acme/")
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert "camera=()" in page.headers["Permissions-Policy"]
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_sign_ins_are_counted_by_the_address_that_the_proxy_wrote_down(db, settings):
    """Otherwise somebody who guesses locks out everybody, or makes up a new address each time."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def shown(guess: int, *addresses: str) -> str:
        posted = {"login": f"nobody{guess}@x.example", "password": "wrong"}
        said = ", ".join(addresses)
        answer = Client().post(LOGIN, posted, headers={"X-Forwarded-For": said})
        return answer.content.decode()

    for guess in range(10):
        assert "Too many" not in shown(guess, f"6.6.6.{guess}", "203.0.113.7")
    assert "Too many" in shown(11, "6.6.6.99", "203.0.113.7")
    assert "Too many" not in shown(12, "203.0.113.7", "198.51.100.4")
