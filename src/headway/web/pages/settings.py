"""The workspace's facts, its members, teams and tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from headway.accounts import actions
from headway.accounts.models import Member, Role, Team, Workspace
from headway.engine.errors import NotFound
from headway.engine.period import STORED_GRAINS, WEEKDAYS
from headway.web.context import Here, inside
from headway.web.forms.fields import Chosen, attempt
from headway.web.kept import told
from headway.web.paging import paged
from headway.web.whole import whole

MOST = 50
"""So many members stand on a page."""

Move = Callable[[Here], HttpResponse | None]


class RatesField(forms.Field):
    """One rate a line: `USD 2026-01-01 0.92`."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return _lines(value) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        for line in str(value or "").splitlines():
            if line.strip():
                currency, day, rate = _rate(line)
                found.setdefault(currency, {})[day] = rate
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _lines(initial or {}).split() != str(data or "").split()


def _lines(rates: dict[str, dict[str, float]]) -> str:
    return "\n".join(f"{c} {day} {rate}" for c, days in rates.items() for day, rate in days.items())


def _rate(line: str) -> tuple[str, str, float]:
    try:
        currency, day, rate = line.split()
        return currency.upper(), day, float(rate)
    except ValueError:
        raise ValidationError(
            f"“{line}” is no rate. Write for example: USD 2026-01-01 0.92"
        ) from None


class Facts(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    week_starts = forms.ChoiceField(choices=[(d, d.capitalize()) for d in WEEKDAYS])
    mail_day = forms.ChoiceField(
        label="Reminders and digests leave on",
        choices=[(d, d.capitalize()) for d in WEEKDAYS],
    )
    rates = RatesField(
        required=False,
        label="Exchange rates",
        help_text="One a line: the currency, the first day, and what one of it is worth in yours, "
        "for example “USD 2026-01-01 0.92”. Amounts of money are converted with the rate of their "
        "day; without one they are left out, and counted.",
    )
    grain = forms.ChoiceField(
        label="Usual grain",
        choices=[(g.value, g.value.capitalize()) for g in STORED_GRAINS],
        help_text="At which grain KPIs are read when nobody asks for another.",
    )

    class Meta:
        model = Workspace
        fields = [
            "name",
            "vision",
            "strategy",
            "timezone",
            "week_starts",
            "currency",
            "rates",
            "grain",
            "cadence_days",
            "mail_day",
            "mail_hour",
            "on_track_within",
            "behind_within",
            "aspirational_success",
            "well_judged_from",
            "keep_events",
            "edit_managed",
        ]
        labels = {
            "timezone": "Time zone",
            "cadence_days": "Days between check-ins",
            "mail_hour": "at this hour",
            "on_track_within": "On track up to this far behind",
            "behind_within": "Behind up to this far; then at risk",
            "aspirational_success": "Success of an aspirational goal",
            "well_judged_from": "Aspirational goals are well judged from",
            "keep_events": "Raw events are kept for",
            "edit_managed": "What files define may be edited here too",
        }
        help_texts = {
            "vision": "What the company wants to be true one day.",
            "strategy": "How it means to get there, in a paragraph.",
            "timezone": "Days begin at midnight here, for example Europe/Berlin.",
            "currency": "Three letters, for example EUR.",
            "on_track_within": "A share of the whole way: 0.05 is 5 points.",
            "behind_within": "A share of the whole way: 0.25 is 25 points.",
            "aspirational_success": "0.7 means that 70 % of the way is a success.",
            "well_judged_from": "A mean score of closed cycles: mostly 0.5, for some 0.6.",
            "cadence_days": "Three days later, a key result without one is stale.",
            "mail_hour": "0 to 23, in the time zone of the workspace.",
            "keep_events": "For example “13 months” or “90 days”; nothing keeps them for ever. A "
            "day after it is set, older events are removed for good. What was measured stays.",
            "edit_managed": "",
        }
        widgets = {
            "vision": forms.Textarea(attrs={"rows": 2}),
            "strategy": forms.Textarea(attrs={"rows": 4}),
        }


class Inviting(forms.Form):
    email = forms.EmailField(
        required=False, help_text="When given, only this address may use the link."
    )
    role = forms.ChoiceField(choices=Role.choices, initial=Role.member)


class TeamForm(forms.Form):
    name = forms.CharField(max_length=120)
    parent = forms.ModelChoiceField(
        Team.objects.none(), required=False, label="Part of", empty_label="No team above"
    )
    people = forms.ModelMultipleChoiceField(Member.objects.none(), required=False, widget=Chosen)

    def __init__(self, here: Here, *given: object, **options: object) -> None:
        super().__init__(*given, **options)  # type: ignore[arg-type]
        self.fields["parent"].queryset = here.workspace.teams.order_by("name")  # type: ignore[attr-defined]
        people = here.workspace.members.select_related("person").order_by("person__name")
        self.fields["people"].queryset = people  # type: ignore[attr-defined]


class Naming(forms.Form):
    name = forms.CharField(
        max_length=80, label="What will use it", help_text="For example “nightly export”."
    )


@inside
def page(here: Here) -> HttpResponse:
    # The form writes into the row that it is given, also when it is refused.
    shown = Workspace.objects.get(pk=here.workspace.pk)
    form = Facts(here.request.POST or None, instance=shown)
    if here.request.method == "POST":
        saved = attempt(form, lambda: _save_facts(here, form))
        if saved:
            messages.success(here.request, "Saved.")
            return here.go("settings")
    status = 422 if form.errors else 200
    return here.show(
        "settings.html", title="Settings", form=form, tab="facts", status=status, kept=told(shown)
    )


def _save_facts(here: Here, form: Facts) -> Workspace:
    workspace = Workspace.objects.get(pk=here.workspace.pk)
    given = {name: form.cleaned_data[name] for name in form.changed_data}
    return actions.save_settings(workspace, given, by=here.member, now=timezone.now())


@inside
def members(here: Here) -> HttpResponse:
    form = Inviting(here.request.POST if here.request.POST.get("do") == "invite" else None)
    link = ""
    if here.request.method == "POST":
        if here.request.POST.get("do") != "invite":
            return _change_member(here)
        made = attempt(form, lambda: _invite(here, form))
        link = _link(here, made) if made else ""
    people = here.workspace.members.select_related("person")
    return here.show(
        "settings_members.html",
        title="Members",
        tab="members",
        form=form if form.errors else Inviting(),
        link=link,
        list=paged(here.request, list(people.order_by("person__name", "pk")), MOST),
        invitations=here.workspace.invitations.filter(
            accepted_at=None, expires_at__gt=timezone.now()
        ).select_related("invited_by"),
        roles=Role.choices,
    )


def _invite(here: Here, form: Inviting) -> str:
    given = form.cleaned_data
    _, raw = actions.invite(
        here.workspace, given["role"], given["email"], by=here.member, now=timezone.now()
    )
    return raw


def _link(here: Here, raw: str) -> str:
    return here.request.build_absolute_uri(reverse("invitation", args=[raw]))


def _change_member(here: Here) -> HttpResponse:
    """One button each: another role, out of the workspace, an invitation taken back."""
    asked = here.request.POST
    if asked.get("do") == "withdraw":
        invitation = here.workspace.invitations.filter(pk=_number(asked.get("id", ""))).first()
        if invitation is None:
            raise NotFound("This invitation is not there any more.")
        actions.withdraw_invitation(invitation, by=here.member, now=timezone.now())
        messages.success(here.request, "The invitation's link is not valid any more.")
        return here.go("settings_members")
    member = _member(here, asked.get("id", ""))
    if asked.get("do") == "remove":
        actions.remove_member(member, by=here.member, now=timezone.now())
        messages.success(here.request, f"{member} is no member any more.")
    else:
        actions.set_role(member, asked.get("role", ""), by=here.member, now=timezone.now())
        messages.success(here.request, f"{member} is now {member.role}.")
    return here.go("settings_members")


def _member(here: Here, text: str) -> Member:
    member = here.workspace.members.select_related("person").filter(pk=_number(text)).first()
    if member is None:
        raise NotFound("This person is no member any more.")
    return member


@inside
def teams(here: Here) -> HttpResponse:
    edited = next((t for t in here.teams if t.key == here.request.GET.get("edit")), None)
    form = TeamForm(here, here.request.POST or None, initial=_known(here, edited))
    posted = here.request.method == "POST"
    saved = attempt(form, lambda: _save_team(here, form, edited)) if posted else None
    if saved:
        messages.success(here.request, f"Team {saved} is saved.")
        return here.go_on("settings_teams")
    return here.show(
        "settings_teams.html",
        title="Teams",
        tab="teams",
        form=form,
        edited=edited,
        tree=_tree(list(here.workspace.teams.prefetch_related("people__person").order_by("name"))),
        status=422 if form.errors else 200,
    )


def _known(here: Here, team: Team | None) -> dict[str, object]:
    """The first team is usually the company itself."""
    if team is None:
        return {} if here.teams else {"name": here.workspace.name, "people": [here.member]}
    return {"name": team.name, "parent": team.parent_id, "people": list(team.people.all())}


def _save_team(here: Here, form: TeamForm, edited: Team | None) -> Team:
    given = form.cleaned_data
    key = edited.key if edited else slugify(given["name"])[:50]
    return actions.save_team(
        here.workspace,
        key,
        given["name"],
        parent=given["parent"],
        people=given["people"],
        by=here.member,
        now=timezone.now(),
    )


def _tree(found: list[Team], below: int | None = None) -> list[tuple[Team, list[object]]]:
    """Teams with the teams below them."""
    return [(t, list(_tree(found, t.pk))) for t in found if t.parent_id == below]


@inside
def tokens(here: Here) -> HttpResponse:
    form = Naming(here.request.POST if here.request.POST.get("do") == "create" else None)
    raw = ""
    if here.request.method == "POST":
        if here.request.POST.get("do") == "revoke":
            return _revoke(here)
        raw = attempt(form, lambda: _create_token(here, form)) or ""
    return here.show(
        "settings_tokens.html",
        title="Tokens",
        tab="tokens",
        form=form if form.errors else Naming(),
        raw=raw,
        found=here.member.tokens.filter(revoked_at=None).order_by("-created_at"),
    )


def _create_token(here: Here, form: Naming) -> str:
    _, raw = actions.create_token(here.member, form.cleaned_data["name"], now=timezone.now())
    return raw


def _revoke(here: Here) -> HttpResponse:
    token = here.member.tokens.filter(pk=_number(here.request.POST.get("id", ""))).first()
    if token is None:
        raise NotFound("This token is not there any more.")
    actions.revoke_token(token, by=here.member, now=timezone.now())
    messages.success(here.request, f"{token.name} does not open the API any more.")
    return here.go("settings_tokens")


def _number(text: str) -> int:
    return whole(text) or 0
