"""What can be done to workspaces, members, invitations, tokens and teams.

This room stands below the feed, so its trail is a log line and the dates on its own rows.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from headway.accounts import gate
from headway.accounts.models import (
    Invitation,
    Member,
    Person,
    Role,
    Team,
    Token,
    Workspace,
)
from headway.coach.rules import BY_CODE
from headway.engine.errors import Conflict, DefinitionError, NotAllowed, NotFound, nearest
from headway.engine.period import STORED_GRAINS, Calendar, first_kept

INVITATION_LASTS = timedelta(days=7)
USE_IS_NOTED_EVERY = timedelta(minutes=1)
TOKEN_PREFIX = "hw_"  # noqa: S105  the public beginning of every token, not a secret
SETTINGS = frozenset(
    {"name", "notice", "vision", "strategy", "timezone", "week_starts", "currency", "rates"}
    | {"grain", "cadence_days", "on_track_within", "behind_within", "aspirational_success"}
    | {"well_judged_from", "personal", "keep_events"}
    | {"edit_managed", "coach_off", "journey", "clock", "mail_day", "mail_hour"}
)
RESERVED = frozenset(
    {"accounts", "api", "invitation", "shared", "static", "unsubscribe"}
    | {"2", "array", "batch", "capture", "decide", "e", "engage", "flags", "groups", "httpapi"}
    | {"i", "import", "in", "s", "survey", "track", "v1", "v2"}
)
"""First words of addresses, to some of which SDKs send: no workspace may take them."""

log = logging.getLogger(__name__)


@transaction.atomic
def create_workspace(
    key: str, name: str, *, now: datetime, admin: Person | None = None, **settings: Any
) -> Workspace:
    """Only the operator makes workspaces. `settings` are fields of Workspace."""
    _check_key(key, "workspace.key")
    if key in RESERVED:
        raise Conflict(
            f"`{key}` begins an address of Headway's own, or one to which SDKs send events.",
            fix="Choose another key.",
        )
    if Workspace.objects.filter(key=key).exists():
        raise Conflict(f"There is already a workspace `{key}`.", fix="Choose another key.")
    workspace = Workspace(key=key)
    _assign(workspace, {"name": name, **settings})
    workspace.save()
    if admin is not None:
        Member.objects.create(workspace=workspace, person=admin, role=Role.admin)
    _note(now, None, f"created workspace {key}")
    return workspace


@transaction.atomic
def save_settings(
    workspace: Workspace, settings: Mapping[str, Any], *, by: Member | None, now: datetime
) -> Workspace:
    gate.require(by, "administer", workspace)
    before = _measured_in(workspace)
    _assign(workspace, settings)
    workspace.save()
    if _measured_in(workspace) != before:
        # Every period lies elsewhere, or amounts are others: all points are computed anew.
        workspace.metrics.update(refreshed_version=0)
    _note(now, by, f"changed {', '.join(settings)} of workspace {workspace.key}")
    return workspace


def _measured_in(workspace: Workspace) -> tuple[object, ...]:
    time = workspace.timezone, workspace.week_starts, workspace.clock
    return *time, workspace.currency, str(workspace.rates)


def _assign(workspace: Workspace, settings: Mapping[str, Any]) -> None:
    for field, value in settings.items():
        if field not in SETTINGS:
            raise DefinitionError(
                f"A workspace has no `{field}`.", where="workspace", fix=nearest(field, SETTINGS)
            )
        setattr(workspace, field, value)
    _check_workspace(workspace)


def _check_workspace(workspace: Workspace) -> None:
    _check_fields(workspace)
    Calendar.of(workspace.timezone, workspace.week_starts)
    grains = [g.value for g in STORED_GRAINS]
    if workspace.grain not in grains:
        fix = nearest(workspace.grain, grains) or f"Use one of {', '.join(grains)}."
        raise DefinitionError(f"`{workspace.grain}` is no grain.", where="workspace.grain", fix=fix)
    if not re.fullmatch(r"[A-Z]{3}", workspace.currency):
        raise DefinitionError(
            f"`{workspace.currency}` is not a currency.",
            where="workspace.currency",
            fix="Write its three letters, for example `EUR`.",
        )
    _check_rates(workspace)
    _check_coach(workspace)
    _check_journey(workspace)
    _check_personal(workspace)
    first_kept(workspace.keep_events, date.max)
    if not 0 <= workspace.on_track_within < workspace.behind_within <= 1:
        raise DefinitionError(
            "The thresholds of a status must rise between 0 and 1.",
            where="workspace.behind_within",
            fix="Let `behind_within` be more than `on_track_within`.",
        )
    if not 0 < workspace.aspirational_success <= 1 or workspace.cadence_days < 1:
        raise DefinitionError(
            "`aspirational_success` lies above 0 and up to 1, `cadence_days` is at least 1.",
            where="workspace",
        )
    if not 0 <= workspace.well_judged_from < 0.7:
        raise DefinitionError(
            f"{workspace.well_judged_from} is not below 0.7, to which goals are well judged.",
            where="workspace.well_judged_from",
            fix="Give 0.5, or 0.6 as some do.",
        )
    if not 0 <= workspace.mail_hour <= 23:
        raise DefinitionError(
            f"{workspace.mail_hour} is not an hour.",
            where="workspace.mail_hour",
            fix="Give a whole hour from 0 to 23, for example 9.",
        )


def _check_rates(workspace: Workspace) -> None:
    try:
        exchange = workspace.exchange
    except DefinitionError as error:
        where = f"workspace.{error.where}"
        raise DefinitionError(error.message, where=where, fix=error.fix) from None
    workspace.rates = exchange.table()


def _check_journey(workspace: Workspace) -> None:
    """Each stage, and each capability of a stage, has a key of its own."""
    stages = workspace.journey
    for siblings in (stages, *(stage.get("capabilities", []) for stage in stages)):
        keys = [one["key"] for one in siblings]
        for key in keys:
            if keys.count(key) > 1:
                raise DefinitionError(
                    f"`{key}` is there {keys.count(key)} times.",
                    where="workspace.journey",
                    fix="Give each stage and capability its own key.",
                )


def _check_personal(workspace: Workspace) -> None:
    """Names as SDKs write them, without regard to capital letters."""
    for name, way in workspace.personal.items():
        if way not in ("hash", "drop"):
            raise DefinitionError(
                f"`{way}` is nothing that can be done with a personal property.",
                where=f"workspace.personal.{name}",
                fix="Use hash or drop.",
            )
    workspace.personal = {n.strip().lower(): w for n, w in sorted(workspace.personal.items())}


def _check_coach(workspace: Workspace) -> None:
    for code in workspace.coach_off:
        if code not in BY_CODE:
            raise DefinitionError(
                f"The coach has no rule `{code}`.",
                where="workspace.coach_off",
                fix=nearest(str(code), BY_CODE) or "The documentation of the coach lists them.",
            )
    workspace.coach_off = sorted(set(workspace.coach_off))


def _check_fields(workspace: Workspace) -> None:
    """Types and lengths; some fields have better messages of their own."""
    try:
        workspace.clean_fields(exclude=["week_starts", "currency", "rates"])
    except ValidationError as error:
        field, said = next(iter(error.message_dict.items()))
        raise DefinitionError(" ".join(said), where=f"workspace.{field}") from None


def create_person(email: str, password: str | None, *, name: str = "") -> Person:
    """A person without a password can only come in by a reset link."""
    email = _checked_email(email)
    if Person.objects.filter(email=email).exists():
        raise Conflict(f"{email} has an account already.", fix="Sign in with it first.")
    if password is not None:
        _check_password(password, Person(email=email, name=name))
    return Person.objects.create_person(email, password, name.strip())


def add_member(
    workspace: Workspace, person: Person, role: str, *, by: Member | None, now: datetime
) -> Member:
    gate.require(by, "administer", workspace)
    _check_role(role)
    if workspace.members.filter(person=person).exists():
        raise Conflict(f"{person.email} is a member of {workspace} already.")
    _note(now, by, f"added {person.email} to workspace {workspace.key} as {role}")
    return Member.objects.create(workspace=workspace, person=person, role=role)


@transaction.atomic
def set_role(member: Member, role: str, *, by: Member | None, now: datetime) -> Member:
    gate.require(by, "administer", member.workspace)
    _check_role(role)
    if role != Role.admin:
        _keep_an_admin(member)
        _withdraw_invitations(member)
    member.role = role
    member.save(update_fields=["role"])
    _note(now, by, f"made {member.person.email} {role} of workspace {member.workspace.key}")
    return member


@transaction.atomic
def remove_member(member: Member, *, by: Member | None, now: datetime) -> None:
    """What they wrote stays; their tokens, and links by which they let others in or look, end."""
    gate.require(by, "administer", member.workspace)
    _keep_an_admin(member)
    _withdraw_invitations(member)
    member.workspace.links.filter(by=member.person, revoked_at=None).update(revoked_at=now)
    _note(now, by, f"removed {member.person.email} from workspace {member.workspace.key}")
    member.delete()


def _withdraw_invitations(member: Member) -> None:
    """Whoever may not invite any more has no link left by which to come in again as an admin."""
    open_ones = member.workspace.invitations.filter(invited_by=member.person, accepted_at=None)
    open_ones.delete()


def _keep_an_admin(leaving: Member) -> None:
    # Locking the workspace's row makes two admins who step down at once take turns.
    Workspace.objects.select_for_update().get(pk=leaving.workspace_id)
    others = leaving.workspace.members.filter(role=Role.admin).exclude(pk=leaving.pk)
    if leaving.role == Role.admin and not others.exists():
        raise Conflict(
            f"{leaving} is the last admin of {leaving.workspace}.",
            fix="Make somebody else an admin first.",
        )


def invite(
    workspace: Workspace, role: str, email: str, *, by: Member | None, now: datetime
) -> tuple[Invitation, str]:
    """The invitation and the secret part of its link, which is not kept.

    With an e-mail address, only that address may use the link.
    """
    gate.require(by, "administer", workspace)
    _check_role(role)
    raw = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        workspace=workspace,
        role=role,
        email=_checked_email(email) if email else "",
        digest=_digest(raw),
        invited_by=by.person if by else None,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    _note(now, by, f"invited {email or 'somebody'} to workspace {workspace.key} as {role}")
    return invitation, raw


def invitation_for(raw: str, now: datetime) -> Invitation:
    """Raises NotFound for a link that is wrong, used up or too old."""
    usable = Q(digest=_digest(raw), accepted_at=None, expires_at__gt=now)
    invitation = Invitation.objects.select_related("workspace", "invited_by").filter(usable).first()
    if invitation is None:
        raise NotFound(
            "This invitation is not valid, or not any more.",
            fix="Ask the person who invited you for a new link.",
        )
    return invitation


@transaction.atomic
def accept_invitation(raw: str, *, person: Person, now: datetime) -> Member:
    invitation = invitation_for(raw, now)
    if invitation.email and invitation.email != person.email:
        raise NotAllowed(
            f"This invitation is for {invitation.email}.", fix="Sign in with that address."
        )
    _claim(invitation, now)
    return add_member(invitation.workspace, person, invitation.role, by=None, now=now)


@transaction.atomic
def join(raw: str, *, email: str, name: str, password: str, now: datetime) -> Member:
    """Accepts an invitation as somebody who has no account yet."""
    invitation = invitation_for(raw, now)
    person = create_person(invitation.email or email, password, name=name)
    return accept_invitation(raw, person=person, now=now)


def _claim(invitation: Invitation, now: datetime) -> None:
    unused = Invitation.objects.filter(pk=invitation.pk, accepted_at=None)
    if not unused.update(accepted_at=now):
        raise Conflict("This invitation has just been used.", fix="Ask for a new link.")


def withdraw_invitation(invitation: Invitation, *, by: Member | None, now: datetime) -> None:
    gate.require(by, "administer", invitation.workspace)
    _note(now, by, f"withdrew an invitation to workspace {invitation.workspace.key}")
    invitation.delete()


def create_token(member: Member, name: str, *, now: datetime) -> tuple[Token, str]:
    """The token's row and the token itself, which is not kept."""
    if not name.strip():
        raise DefinitionError(
            "A token needs a name.", where="token.name", fix="Say what will use it."
        )
    raw = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        member=member,
        name=name.strip()[:80],
        digest=_digest(raw),
        prefix=raw[:8],
        created_at=now,
    )
    _note(now, member, f"made token {token}")
    return token, raw


def revoke_token(token: Token, *, by: Member | None, now: datetime) -> Token:
    """People revoke their own tokens; admins revoke anybody's."""
    if by is None or by.pk != token.member_id:
        gate.require(by, "administer", token.member.workspace)
    token.revoked_at = token.revoked_at or now
    token.save(update_fields=["revoked_at"])
    _note(now, by, f"revoked token {token}")
    return token


def member_for_token(raw: str, now: datetime) -> Member | None:
    """Whom a token acts for; None when it is unknown or revoked."""
    tokens = Token.objects.select_related("member__person", "member__workspace")
    token = tokens.filter(
        digest=_digest(raw), revoked_at=None, member__person__is_active=True
    ).first()
    if token is None:
        return None
    if token.last_used_at is None or now - token.last_used_at >= USE_IS_NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.member


@transaction.atomic
def save_team(
    workspace: Workspace,
    key: str,
    name: str,
    *,
    parent: Team | None = None,
    people: Iterable[Member] | None = None,
    managed_in_code: bool = False,
    by: Member | None,
    now: datetime,
) -> Team:
    """Creates or changes the team with this key. `people` None leaves them as they are."""
    gate.require(by, "write", workspace)
    _check_key(key, "team.key")
    if not name.strip():
        raise DefinitionError("A team needs a name.", where=f"team `{key}`")
    team = workspace.teams.filter(key=key).first() or Team(workspace=workspace, key=key)
    _refuse_managed(team, managed_in_code)
    _check_parent(team, parent)
    team.name, team.parent = name.strip(), parent
    team.managed_in_code = team.managed_in_code or managed_in_code
    team.save()
    if people is not None:
        team.people.set(_at_home(workspace, people))
    _note(now, by, f"saved team {key} of workspace {workspace.key}")
    return team


def _refuse_managed(team: Team, managed: bool) -> None:
    if team.managed_in_code and not managed and not team.workspace.edit_managed:
        raise Conflict(
            f"The team “{team}” is managed in code.",
            fix="Change its file and apply it, or let the workspace allow both.",
        )


def _check_parent(team: Team, parent: Team | None) -> None:
    if parent is not None and parent.workspace_id != team.workspace_id:
        raise NotFound(f"{parent} is a team of another workspace.", where=f"team `{team.key}`")
    above = parent
    while above is not None:
        if above.pk == team.pk:
            raise Conflict(
                f"`{team.key}` would stand below itself.",
                where=f"team `{team.key}`",
                fix="Choose a parent that is not one of its own sub-teams.",
            )
        above = above.parent


def _at_home(workspace: Workspace, people: Iterable[Member]) -> list[Member]:
    members = list(people)
    for member in members:
        if member.workspace_id != workspace.pk:
            raise NotFound(f"{member} is no member of {workspace}.", where="team.people")
    return members


def _check_key(key: str, where: str) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,49}", key):
        raise DefinitionError(
            f"`{key}` cannot be a key.",
            where=where,
            fix="Use up to 50 small letters, digits, `-` and `_`, as in `fast-start`.",
        )


def _check_role(role: str) -> None:
    if role not in Role.values:
        fix = nearest(role, Role.values) or f"Use one of {', '.join(Role.values)}."
        raise DefinitionError(f"`{role}` is not a role.", where="role", fix=fix)


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise DefinitionError(f"`{email}` is not an e-mail address.", where="email") from None
    return email


def _check_password(password: str, person: Person) -> None:
    try:
        validate_password(password, cast(Any, person))
    except ValidationError as error:
        raise DefinitionError(" ".join(error.messages), where="password") from None


def _digest(raw: str) -> str:
    """Secrets of 256 random bits need no slow hash."""
    return hashlib.sha256(raw.encode()).hexdigest()


def _note(now: datetime, by: Member | None, what: str) -> None:
    log.info("%s %s %s", now.isoformat(timespec="seconds"), by or "the operator", what)
