"""The verbs of accounts: what they do, and what they refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest

from headway.accounts import actions, links
from headway.accounts.models import Invitation, Member, Person, Token
from headway.engine.errors import Conflict, DefinitionError, NotAllowed, NotFound

PASSWORD = "correct horse battery"


def test_a_workspace_takes_its_settings_and_its_first_admin(db, now):
    ada = actions.create_person("Ada@Acme.example", PASSWORD)
    acme = actions.create_workspace("acme", "Acme", now=now, admin=ada, currency="GBP")
    assert (acme.currency, acme.members.get().person.email) == ("GBP", "ada@acme.example")
    assert acme.members.get().role == "admin"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"timezone": "Europe/Berlim"}, "Did you mean `Europe/Berlin`"),
        ({"week_starts": "mon"}, "is not a weekday"),
        ({"currency": "euro"}, "three letters"),
        ({"grain": "weak"}, "Did you mean `week`"),
        ({"on_track_within": 0.5}, "behind_within"),
        ({"aspirational_success": 0.0}, "aspirational_success"),
        ({"cadence_days": "weekly"}, r"workspace\.cadence_days: .* integer"),
        ({"notice": "x" * 301}, r"workspace\.notice: .* 300"),
        ({"curency": "EUR"}, "Did you mean `currency`"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_way_out(db, now, settings, said):
    with pytest.raises(DefinitionError, match=said):
        actions.create_workspace("acme", "Acme", now=now, **settings)


@pytest.mark.parametrize("key", ["Acme", "a b", "", "-a", "a" * 51])
def test_a_key_must_fit_into_an_address(db, now, key):
    with pytest.raises(DefinitionError, match="cannot be a key"):
        actions.create_workspace(key, "Acme", now=now)


def test_no_workspace_hides_an_address_of_headways_own(db, now):
    with pytest.raises(Conflict, match="address of Headway's own"):
        actions.create_workspace("api", "The API", now=now)


def test_two_workspaces_cannot_share_a_key(acme, now):
    with pytest.raises(Conflict, match="already a workspace `acme`"):
        actions.create_workspace("acme", "Acme again", now=now)


def test_passwords_are_hashed_with_argon2(db, settings):
    """With the hashers of the product: other tests have a quicker one before them."""
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]
    ada = actions.create_person("ada@acme.example", PASSWORD)
    assert ada.password.startswith("argon2$argon2id$")
    assert PASSWORD not in ada.password


@pytest.mark.parametrize("password", ["short", "1234567890", "ada@acme.example"])
def test_weak_passwords_are_refused(db, password):
    with pytest.raises(DefinitionError, match="password"):
        actions.create_person("ada@acme.example", password)


def test_only_admins_change_settings(acme, member, now):
    with pytest.raises(NotAllowed):
        actions.save_settings(acme, {"name": "Mine"}, by=member, now=now)


def test_the_last_admin_stays_admin(admin, member, now):
    with pytest.raises(Conflict, match="last admin"):
        actions.set_role(admin, "member", by=admin, now=now)
    with pytest.raises(Conflict, match="last admin"):
        actions.remove_member(admin, by=None, now=now)
    actions.set_role(member, "admin", by=admin, now=now)
    actions.set_role(admin, "viewer", by=admin, now=now)
    assert Member.objects.get(pk=admin.pk).role == "viewer"


def test_an_unknown_role_is_named(admin, member, now):
    with pytest.raises(DefinitionError, match="Did you mean `viewer`"):
        actions.set_role(member, "viewr", by=admin, now=now)


def test_nobody_is_a_member_twice(acme, member, now):
    with pytest.raises(Conflict, match="already"):
        actions.add_member(acme, member.person, "admin", by=None, now=now)


# Invitations


def test_an_invitation_brings_in_somebody_new_once(acme, admin, now):
    kept, raw = actions.invite(acme, "viewer", "", by=admin, now=now)
    assert raw not in str(Invitation.objects.filter(pk=kept.pk).values())
    new = actions.join(raw, email="Bob@x.example", name="Bob", password=PASSWORD, now=now)
    assert (new.role, new.person.email, new.person.name) == ("viewer", "bob@x.example", "Bob")
    with pytest.raises(NotFound, match="not valid"):
        actions.join(raw, email="eve@x.example", name="Eve", password=PASSWORD, now=now)
    assert not Person.objects.filter(email="eve@x.example").exists()


def test_an_invitation_ends_after_seven_days(acme, admin, now):
    _, raw = actions.invite(acme, "member", "", by=admin, now=now)
    assert actions.invitation_for(raw, now + timedelta(days=7, seconds=-1)).role == "member"
    with pytest.raises(NotFound):
        actions.invitation_for(raw, now + timedelta(days=7))


def test_an_invitation_with_an_address_is_for_that_address(acme, admin, now):
    _, raw = actions.invite(acme, "member", "bob@x.example", by=admin, now=now)
    eve = actions.create_person("eve@x.example", PASSWORD)
    with pytest.raises(NotAllowed, match=r"for bob@x\.example"):
        actions.accept_invitation(raw, person=eve, now=now)
    new = actions.join(raw, email="eve2@x.example", name="Bob", password=PASSWORD, now=now)
    assert new.person.email == "bob@x.example"


def test_a_weak_password_uses_up_no_invitation(acme, admin, now):
    _, raw = actions.invite(acme, "member", "", by=admin, now=now)
    with pytest.raises(DefinitionError):
        actions.join(raw, email="bob@x.example", name="Bob", password="short", now=now)
    assert actions.invitation_for(raw, now).accepted_at is None


def test_an_account_is_not_taken_over_by_an_invitation(acme, admin, member, now):
    _, raw = actions.invite(acme, "admin", "", by=admin, now=now)
    with pytest.raises(Conflict, match="has an account already"):
        actions.join(raw, email=member.person.email, name="Eve", password=PASSWORD, now=now)


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_only_admins_invite(request, acme, now, role):
    with pytest.raises(NotAllowed):
        actions.invite(acme, "admin", "", by=request.getfixturevalue(role), now=now)


# Tokens


def test_a_token_acts_for_its_member_until_it_is_revoked(member, now):
    token, raw = actions.create_token(member, "nightly", now=now)
    assert raw.startswith("hw_")
    assert raw not in str(Token.objects.filter(pk=token.pk).values())
    assert actions.member_for_token(raw, now) == member
    actions.revoke_token(token, by=member, now=now)
    assert actions.member_for_token(raw, now) is None


def test_a_token_ends_with_the_account_or_the_membership(acme, admin, member, now):
    _, raw = actions.create_token(member, "nightly", now=now)
    Person.objects.filter(pk=member.person_id).update(is_active=False)
    assert actions.member_for_token(raw, now) is None
    Person.objects.filter(pk=member.person_id).update(is_active=True)
    assert actions.member_for_token(raw, now) == member
    actions.remove_member(member, by=admin, now=now)
    assert actions.member_for_token(raw, now) is None


def test_an_unknown_token_is_nobodys(db, now):
    assert actions.member_for_token("hw_nothing", now) is None


def test_the_use_of_a_token_is_noted(member, now):
    token, raw = actions.create_token(member, "nightly", now=now)
    actions.member_for_token(raw, now)
    token.refresh_from_db()
    assert token.last_used_at == now


def test_people_revoke_their_own_tokens_and_admins_any(admin, member, viewer, now):
    token, raw = actions.create_token(member, "nightly", now=now)
    with pytest.raises(NotAllowed):
        actions.revoke_token(token, by=viewer, now=now)
    actions.revoke_token(token, by=admin, now=now)
    assert actions.member_for_token(raw, now) is None


# Teams


def test_teams_form_a_tree_without_loops(acme, member, now):
    company = actions.save_team(acme, "company", "Acme", by=member, now=now)
    growth = actions.save_team(acme, "growth", "Growth", parent=company, by=member, now=now)
    squad = actions.save_team(acme, "squad", "Squad", parent=growth, by=member, now=now)
    for parent in (company, growth, squad):
        with pytest.raises(Conflict, match="below itself"):
            actions.save_team(acme, "company", "Acme", parent=parent, by=member, now=now)


def test_a_team_keeps_its_people_unless_told(acme, admin, member, now):
    actions.save_team(acme, "growth", "Growth", people=[admin, member], by=admin, now=now)
    team = actions.save_team(acme, "growth", "Growth team", by=admin, now=now)
    assert (team.name, set(team.people.all())) == ("Growth team", {admin, member})


def test_a_team_takes_nobody_and_no_parent_from_elsewhere(acme, admin, now):
    other = actions.create_workspace("other", "Other", now=now)
    stranger = actions.add_member(other, admin.person, "admin", by=None, now=now)
    elsewhere = actions.save_team(other, "company", "Other", by=None, now=now)
    with pytest.raises(NotFound, match="no member of"):
        actions.save_team(acme, "growth", "Growth", people=[stranger], by=admin, now=now)
    with pytest.raises(NotFound, match="another workspace"):
        actions.save_team(acme, "growth", "Growth", parent=elsewhere, by=admin, now=now)
    assert not acme.teams.exists()


def test_viewers_change_no_team(acme, viewer, now):
    with pytest.raises(NotAllowed):
        actions.save_team(acme, "growth", "Growth", by=viewer, now=now)


# Those who leave


def test_who_may_not_invite_any_more_has_no_way_left_to_come_back(acme, admin, member, now):
    """An admin could keep an invitation as an admin for the day on which they are removed."""
    actions.set_role(member, "admin", by=admin, now=now)
    _, first = actions.invite(acme, "admin", "", by=member, now=now)
    actions.set_role(member, "member", by=admin, now=now)
    with pytest.raises(NotFound):
        actions.invitation_for(first, now)
    actions.set_role(member, "admin", by=admin, now=now)
    _, second = actions.invite(acme, "admin", "", by=member, now=now)
    _, kept = actions.invite(acme, "viewer", "", by=admin, now=now)
    link, opens = links.share(acme, "boards", by=member, now=now)
    actions.remove_member(member, by=admin, now=now)
    with pytest.raises(NotFound):
        actions.invitation_for(second, now)
    with pytest.raises(NotFound):
        links.opened(opens, now)
    link.refresh_from_db()
    assert link.revoked_at == now
    assert actions.invitation_for(kept, now).role == "viewer"
