"""Sharing a page with people outside, and the links that are open."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from headway.accounts import gate, links
from headway.accounts.models import Link
from headway.engine.errors import DefinitionError, NotFound
from headway.notify import addresses
from headway.web.context import Here, inside
from headway.web.forms.fields import attempt
from headway.web.paging import paged
from headway.web.visitor import shared
from headway.web.whole import whole

MOST = 50
"""So many links stand on a page."""


class Sharing(forms.Form):
    days = forms.IntegerField(
        min_value=1,
        max_value=links.MOST_DAYS,
        initial=links.DAYS,
        label="Open for so many days",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


@inside
def page(here: Here) -> HttpResponse:
    """Makes a link to `?of=`, an address below the workspace's."""
    gate.require(here.member, "write")
    path, query = here.request.GET.get("of", ""), urlencode(here.kept)
    links.page_of(here.workspace, path)
    draft = Link(workspace=here.workspace, path=path, query=query)
    found = shared(draft, timezone.now())
    posted = here.request.method == "POST"
    form = Sharing(here.request.POST if posted else None)
    made = attempt(form, lambda: _make(here, form, draft, found.title)) if posted else None
    return here.show(
        "share.html",
        title=f"Share “{found.title}”",
        form=form,
        found=found,
        preview=_below(found.html),
        made=made[0] if made else None,
        url=settings.BASE_URL + reverse("shared", args=[made[1]]) if made else "",
        local=_is_local(),
        back=f"/{here.workspace.key}/{path}" + (f"?{query}" if query else ""),
        status=422 if form.errors else 200,
    )


def _below(html: SafeString) -> SafeString:
    """A page inside another one, which has a title of its own."""
    return mark_safe(re.sub(r"<(/?)h1\b", r"<\1h2", html))  # noqa: S308  our own page


def _is_local() -> bool:
    """Whether the link would lead its reader to their own machine."""
    try:
        addresses.require_public()
    except DefinitionError:
        return True
    return False


def _make(here: Here, form: Sharing, draft: Link, title: str) -> tuple[Link, str]:
    days, now = form.cleaned_data["days"], timezone.now()
    return links.share(
        here.workspace,
        draft.path,
        query=draft.query,
        title=title,
        days=days,
        by=here.member,
        now=now,
    )


@inside
def settings_page(here: Here) -> HttpResponse:
    now = timezone.now()
    if here.request.method == "POST":
        number = whole(here.request.POST.get("id", "")) or 0
        link = here.workspace.links.filter(pk=number).first()
        if link is None:
            raise NotFound("This link is not there any more.")
        links.revoke(link, by=here.member, now=now)
        messages.success(here.request, f"The link to “{link}” opens nothing any more.")
        return here.go("settings_links")
    listed = paged(here.request, list(links.open_links(here.workspace, now)), MOST)
    return here.show("settings_links.html", title="Shared links", tab="links", list=listed)
