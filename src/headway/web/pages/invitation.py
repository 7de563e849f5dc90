"""An invitation's link: join a workspace, with an account or with a new one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from headway.accounts import actions
from headway.accounts.models import Invitation, Member, Person
from headway.engine.errors import HeadwayError, NotFound

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Joining(forms.Form):
    name = forms.CharField(label="Your name", max_length=120)
    email = forms.EmailField(label="E-mail address")
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters.",
    )


@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, raw: str) -> HttpResponse:
    try:
        invitation = actions.invitation_for(raw, timezone.now())
    except NotFound as error:
        return render(request, "invitation.html", {"problem": error}, status=404)
    form = None if request.user.is_authenticated else _form(request, invitation)
    if request.method == "POST":
        try:
            return _enter(request, raw, form)
        except HeadwayError as error:
            return _show(request, invitation, form, error)
    return _show(request, invitation, form)


def _form(request: HttpRequest, invitation: Invitation) -> Joining:
    form = Joining(request.POST or None, initial={"email": invitation.email})
    form.fields["email"].disabled = bool(invitation.email)
    return form


def _enter(request: HttpRequest, raw: str, form: Joining | None) -> HttpResponse:
    if form is None:
        assert isinstance(request.user, Person)
        member = actions.accept_invitation(raw, person=request.user, now=timezone.now())
    elif form.is_valid():
        member = actions.join(raw, **form.cleaned_data, now=timezone.now())
        login(request, member.person, backend=BACKEND)
    else:
        return _show(request, actions.invitation_for(raw, timezone.now()), form)
    return _welcome(request, member)


def _welcome(request: HttpRequest, member: Member) -> HttpResponse:
    messages.success(request, f"Welcome to {member.workspace}.")
    return redirect("/")


def _show(
    request: HttpRequest,
    invitation: Invitation,
    form: Joining | None,
    problem: HeadwayError | None = None,
) -> HttpResponse:
    shown = {"invitation": invitation, "form": form, "problem": problem}
    failed = problem is not None or (form is not None and form.is_bound)
    return render(request, "invitation.html", shown, status=422 if failed else 200)
