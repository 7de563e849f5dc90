"""A new uptime check, and one changed. Where this machine looks is for admins to say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.utils import timezone

from headway.accounts import gate
from headway.engine.errors import Conflict
from headway.ingest import actions as ingest
from headway.ingest.definition import SLUG
from headway.uptime import actions
from headway.uptime.definition import CheckDefinition
from headway.uptime.models import Check
from headway.web.context import Here, inside
from headway.web.forms.fields import attempt
from headway.web.pages.checks import find

FIRST_SOURCE = "uptime"
PAUSES = ("1 minute", "5 minutes", "15 minutes", "1 hour")


class CheckForm(forms.Form):
    name = forms.CharField(max_length=120, help_text="What it is, such as Shop.")
    key = forms.RegexField(SLUG, max_length=50, help_text="In events and files, such as shop.")
    url = forms.CharField(
        max_length=2000,
        label="Address",
        help_text="Such as https://shop.example/health.",
        widget=forms.URLInput,
    )
    every = forms.CharField(
        initial="5 minutes",
        label="Look every",
        help_text=f"{', '.join(PAUSES)}, or another part of a day.",
    )
    status = forms.IntegerField(
        required=False,
        min_value=100,
        max_value=599,
        label="Expected status",
        help_text="Any from 200 to 299 unless given.",
    )
    contains = forms.CharField(
        required=False, max_length=500, label="Text in the answer", help_text="As it stands there."
    )
    method = forms.ChoiceField(choices=[(m, m) for m in ("GET", "HEAD", "POST")])
    timeout = forms.CharField(initial="10 s", label="Time-out")
    follow = forms.BooleanField(required=False, initial=True, label="Follow redirects")
    watching = forms.BooleanField(required=False, initial=True, label="Look at it now")
    source = forms.ChoiceField(label="Results go into")

    def __init__(
        self, here: Here, posted: QueryDict | None, known: CheckDefinition | None = None
    ) -> None:
        super().__init__(posted, initial=_initial(known) if known else {})
        self.known = known
        source: Any = self.fields["source"]
        source.choices = _sources(here)
        if known:
            del self.fields["key"]
        elif not posted:
            self.initial["source"] = FIRST_SOURCE

    @property
    def key_of(self) -> str:
        return self.known.key if self.known else str(self.cleaned_data["key"])

    @property
    def fields_given(self) -> dict[str, Any]:
        return {n: v for n, v in self.cleaned_data.items() if n != "key"}


@inside
def new(here: Here) -> HttpResponse:
    return _page(here, CheckForm(here, here.request.POST or None), title="New uptime check")


@inside
def edit(here: Here, key: str) -> HttpResponse:
    check = find(here, key)
    form = CheckForm(here, here.request.POST or None, known=check.definition)
    return _page(here, form, title=f"Edit “{check}”", check=check)


def _page(here: Here, form: CheckForm, *, title: str, check: Check | None = None) -> HttpResponse:
    gate.require(here.member, "administer", here.workspace)
    if here.request.method == "POST" and (saved := attempt(form, lambda: _save(here, form))):
        messages.success(here.request, f"{saved} is saved. The worker looks at it at once.")
        return here.go("check", saved.key)
    status = 422 if form.errors else 200
    return here.show("check_form.html", title=title, form=form, check=check, status=status)


def _save(here: Here, form: CheckForm) -> Check:
    """Raises Conflict where a new one would write over another."""
    now = timezone.now()
    if not form.known and here.workspace.checks.filter(key=form.key_of).exists():
        raise Conflict(
            f"There is a check `{form.key_of}` already.", where="key", fix="Choose another key."
        )
    fields = form.fields_given
    key = str(fields["source"])
    if key == FIRST_SOURCE and not here.workspace.sources.filter(key=key).exists():
        ingest.save_source(here.workspace, key, name="Uptime", by=here.member, now=now)
    return actions.save_check(here.workspace, form.key_of, by=here.member, now=now, **fields)


def _sources(here: Here) -> list[tuple[str, str]]:
    rows = here.workspace.sources.order_by("name", "key")
    found = [(row.key, str(row)) for row in rows if not row.is_warehouse]
    known = [key for key, _ in found]
    return found if FIRST_SOURCE in known else [*found, (FIRST_SOURCE, "A new source, Uptime")]


def _initial(known: CheckDefinition) -> dict[str, Any]:
    return {name: getattr(known, name) for name in known.__struct_fields__}
