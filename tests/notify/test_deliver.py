"""Reminders, digests and mentions, over a real conversation with a mail server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, override_settings

from headway.accounts.models import Member, Workspace
from headway.engine.errors import DefinitionError
from headway.goals import actions
from headway.goals.models import Objective
from headway.goals.talk import discussion
from headway.notify.deliver import Delivered, deliver
from headway.notify.models import Message, State
from headway.notify.subscriptions import subscribe, wanted
from headway.notify.week import is_worth_it, sending
from tests.goals.conftest import moment
from tests.notify.conftest import ADDRESS, MONDAY, key_result
from tests.notify.post_office import PostOffice


def test_owners_are_reminded_once_a_week_of_what_is_due(
    office: PostOffice, objective: Objective, member: Member, admin: Member, viewer: Member
) -> None:
    key_result(objective, "Depots", owner=member)
    spoken = key_result(objective, "Vans", owner=admin)
    key_result(objective, "Nobody's", delegate=viewer)
    actions.check_in(spoken, value=3.0, confidence=5, by=admin, now=MONDAY - timedelta(days=2))
    assert deliver(MONDAY - timedelta(hours=1)) == Delivered()
    assert deliver(MONDAY) == Delivered(made=2, sent=2)
    assert deliver(MONDAY + timedelta(minutes=1)) == Delivered()
    assert office.to == ["member@acme.example", "viewer@acme.example"]
    [mail] = [m for m in office.mails if m["To"] == "member@acme.example"]
    assert mail["Subject"] == "Check-in due: Depots · Acme"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # there is one
    assert f"{ADDRESS}/acme/check-in" in text
    assert "* Depots: unknown" in text
    assert "No check-in yet. Stale." in text
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert f'href="{ADDRESS}/acme/objectives/effortless-start/depots"' in html
    assert deliver(MONDAY + timedelta(days=7)).sent == 3


def test_the_digest_says_what_is_off_pace_and_what_flipped_since_the_last(
    office: PostOffice, objective: Objective, member: Member, viewer: Member
) -> None:
    depots = key_result(objective, "Depots", owner=member)
    subscribe(viewer, {"digest": True}, now=moment(1))
    subscribe(member, {"reminder": False}, now=moment(1))
    actions.check_in(depots, value=1.0, by=member, now=MONDAY - timedelta(days=3))
    assert deliver(MONDAY) == Delivered(made=1, sent=1)
    [mail] = office.mails
    assert (mail["To"], mail["Subject"]) == (
        "viewer@acme.example",
        "1 off pace, 2 changed · Acme",
    )
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "* Depots: at risk" in text
    assert "1 depots, to be 10 depots" in text
    assert "* Depots: at risk, before unknown" in text
    office.mails.clear()
    actions.check_in(depots, value=6.0, by=member, now=MONDAY + timedelta(days=2))
    deliver(MONDAY + timedelta(days=7))
    text = office.mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "* Depots: on track, before at risk" in text
    assert "OFF PACE" not in text


def test_who_is_named_in_a_comment_is_told_once_and_can_stop_it_without_signing_in(
    office: PostOffice, objective: Objective, member: Member, admin: Member, client: Client
) -> None:
    discussion.say(objective, "What now, @admin?", by=member, now=MONDAY - timedelta(hours=2))
    assert deliver(MONDAY - timedelta(hours=2)) == Delivered(made=1, sent=1)
    assert deliver(MONDAY - timedelta(hours=1)) == Delivered()
    [mail] = office.mails
    assert (mail["To"], mail["List-Unsubscribe-Post"]) == (
        "admin@acme.example",
        "List-Unsubscribe=One-Click",
    )
    away = mail["List-Unsubscribe"].strip(" <>").removeprefix(ADDRESS)
    assert b"Stop them" in client.get(away).content
    assert "mention" in wanted(admin)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(away, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert "mention" not in wanted(admin)
    assert strict.post(away.replace("unsubscribe/", "unsubscribe/x")).status_code == 404
    discussion.say(objective, "And now, @admin?", by=member, now=MONDAY)
    assert deliver(MONDAY).made == 0


def test_a_mailbox_that_refuses_is_tried_again_and_holds_nobody_up(
    office: PostOffice, objective: Objective, member: Member, admin: Member, viewer: Member
) -> None:
    for owner in (admin, member, viewer):
        key_result(objective, str(owner), owner=owner)
    office.refuse = {"admin@acme.example": "450 full", "member@acme.example": "550 unknown"}
    assert deliver(MONDAY).sent == 1
    assert office.to == ["viewer@acme.example"]
    states = dict(Message.objects.values_list("member__person__email", "state"))
    assert states["admin@acme.example"] == State.waiting
    assert states["member@acme.example"] == State.given_up
    office.refuse = {}
    assert deliver(MONDAY + timedelta(minutes=4)).sent == 0
    assert deliver(MONDAY + timedelta(minutes=6)).sent == 1
    assert office.to == ["admin@acme.example", "viewer@acme.example"]


def test_a_server_that_is_away_gets_a_rest_and_then_everything(
    office: PostOffice, objective: Objective, member: Member
) -> None:
    key_result(objective, "Depots", owner=member)
    with override_settings(EMAIL_PORT=1):
        assert deliver(MONDAY) == Delivered(made=1, sent=0)
    assert deliver(MONDAY + timedelta(minutes=1)).sent == 0
    assert deliver(MONDAY + timedelta(minutes=6)).sent == 1


def test_nothing_is_sent_without_an_address_or_by_a_workspace_whose_clock_stands(
    office: PostOffice, objective: Objective, member: Member, acme: Workspace
) -> None:
    key_result(objective, "Depots", owner=member)
    local = override_settings(BASE_URL="http://127.0.0.1:8000")
    with local, pytest.raises(DefinitionError, match=r"HEADWAY_URL.*nobody else can open"):
        deliver(MONDAY)
    acme.clock = moment(50)
    acme.save()
    assert deliver(MONDAY) == Delivered()
    assert not Message.objects.exists()


def test_mails_leave_on_the_day_and_hour_of_the_workspace_and_not_much_later(
    acme: Workspace,
) -> None:
    acme.timezone, acme.mail_day, acme.mail_hour = "America/New_York", "friday", 16
    friday = datetime(2026, 3, 6, 21, tzinfo=UTC)
    assert sending(acme, friday) == friday
    assert sending(acme, friday - timedelta(seconds=1)) == friday - timedelta(days=7)
    # Clocks go forward on the Sunday after: sixteen hours is one hour earlier in UTC.
    assert sending(acme, friday + timedelta(days=8)) == friday + timedelta(days=7, hours=-1)
    assert is_worth_it(friday, friday + timedelta(hours=12))
    assert not is_worth_it(friday, friday + timedelta(hours=13))
