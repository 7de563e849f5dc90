"""Where a page stands: the workspace, who asks, the present, and the chosen cycle and team."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache, wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from headway.accounts import gate
from headway.accounts.models import Member, Team, Workspace
from headway.engine.errors import NotFound
from headway.goals.models import Cycle

Choice = TypeVar("Choice", Cycle, Team)

LOOKING_BACK, MONTH = timedelta(days=14), timedelta(days=30)

ALL = "all"
"""As `?cycle=` or `?team=`: no choice."""


@dataclass
class Here:
    """What every page of a workspace knows. `now` is the workspace's present, not the clock's."""

    request: HttpRequest
    member: Member
    now: datetime

    @property
    def comes_back(self) -> bool:
        """Whether the page may load the rest of itself later."""
        return True

    @property
    def workspace(self) -> Workspace:
        return self.member.workspace

    @cached_property
    def today(self) -> date:
        return self.workspace.calendar.day_of(self.now)

    @cached_property
    def cycles(self) -> list[Cycle]:
        return list(self.workspace.cycles.all())

    @cached_property
    def teams(self) -> list[Team]:
        return list(self.workspace.teams.order_by("name"))

    @cached_property
    def cycle(self) -> Cycle | None:
        """The cycle of `?cycle=`, else the shortest one of the present, else the latest.

        One that has just ended still belongs to the present: it is being looked back on, unless
        the next one of its length has begun.
        """
        asked = self.request.GET.get("cycle", "")
        if asked == ALL:
            return None
        if asked:
            return _named(self.cycles, asked, "cycle")
        present = [c for c in self.cycles if c.starts <= self.today <= c.ends + LOOKING_BACK]
        shortest = sorted(
            present, key=lambda c: (round((c.ends - c.starts) / MONTH), -c.ends.toordinal())
        )
        return next(iter(shortest or self.cycles), None)

    @cached_property
    def team(self) -> Team | None:
        asked = self.request.GET.get("team", "")
        return _named(self.teams, asked, "team") if asked and asked != ALL else None

    @cached_property
    def team_ids(self) -> set[int]:
        """The chosen team and every team below it; empty when none is chosen."""
        if self.team is None:
            return set()
        found = {self.team.pk}
        while more := {t.pk for t in self.teams if t.parent_id in found} - found:
            found |= more
        return found

    @property
    def may_write(self) -> bool:
        return gate.allows(self.member, "write")

    @property
    def may_administer(self) -> bool:
        return gate.allows(self.member, "administer")

    @cached_property
    def workspaces(self) -> list[Workspace]:
        mine = Workspace.objects.filter(members__person=self.member.person)
        return list(mine.order_by("name"))

    @cached_property
    def kept(self) -> dict[str, str]:
        """The choice of cycle and team, as every link of the page carries it on."""
        asked = self.request.GET
        return {name: asked[name] for name in ("cycle", "team") if asked.get(name)}

    def url(self, name: str, *args: object, **query: object) -> str:
        """A page of this workspace, with the chosen cycle and team kept."""
        path = _path(name, self.workspace.key, *args)
        asked = self.kept | {k: str(v) for k, v in query.items() if v not in (None, "")}
        return f"{path}?{urlencode(asked)}" if asked else path

    def show(self, template: str, *, title: str, status: int = 200, **values: Any) -> HttpResponse:
        context = {"here": self, "title": title, **values}
        return render(self.request, template, context, status=status)

    def go(self, name: str, *args: object, **query: object) -> HttpResponse:
        return redirect(self.url(name, *args, **query))

    def go_on(self, name: str, *args: object) -> HttpResponse:
        """Back to where `?after=` of this page says, where something was missing; or to `name`."""
        after = self.request.GET.get("after", "")
        ours = after.startswith(f"/{self.workspace.key}/")
        if ours and url_has_allowed_host_and_scheme(after, allowed_hosts=None):
            return redirect(after)
        return self.go(name, *args)


@lru_cache(maxsize=20_000)
def _path(name: str, *args: object) -> str:
    """A page has hundreds of links, and looking for the pattern of each takes long."""
    return reverse(name, args=args)


View = Callable[..., HttpResponseBase]


def inside(view: View) -> View:
    """Makes `view(here, **keys)` a page of a workspace, for its members only."""

    @login_required
    @wraps(view)
    def page(request: HttpRequest, workspace: str, **keys: str) -> HttpResponseBase:
        return view(stand(request, workspace), **keys)

    return page


def stand(request: HttpRequest, workspace: str) -> Here:
    """Somebody who is not a member learns no more than that there is no such page."""
    membership = Member.objects.select_related("workspace", "person")
    member = membership.filter(workspace__key=workspace, person_id=request.user.pk or 0).first()
    if member is None:
        raise NotFound(
            f"There is no workspace `{workspace}` that you can open.",
            fix="Ask its admin for an invitation.",
        )
    gate.require(member, "read")
    return Here(request, member, member.workspace.at(timezone.now()))


def _named(rows: list[Choice], key: str, noun: str) -> Choice:
    for row in rows:
        if row.key == key:
            return row
    raise NotFound(f"There is no {noun} `{key}` in this workspace.", where=noun)
