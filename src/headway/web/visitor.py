"""Somebody who opens a shared page: they see that page alone, as a stranger would."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from headway.accounts.links import page_of
from headway.accounts.models import Link, Member, Person, Role, Workspace
from headway.web.context import Here
from headway.web.excerpt import excerpt


class Extract(HttpResponse):
    """A page's title and what is in its `main`, before they are cut down."""

    def __init__(self, title: str, html: str) -> None:
        super().__init__()
        self.title, self.html = title, html


class Visitor(Here):
    """Nobody's place in the workspace: it may read, and knows of no other workspace."""

    @property
    def workspaces(self) -> list[Workspace]:
        return []

    @property
    def comes_back(self) -> bool:
        return False

    def show(self, template: str, *, title: str, status: int = 200, **values: Any) -> Extract:
        context = {"here": self, "title": title, "status": status, **values}
        return Extract(title, render_to_string(template, context, self.request))


@dataclass(frozen=True, slots=True)
class Shared:
    title: str
    html: SafeString


def shared(link: Link, now: datetime) -> Shared:
    """The page that a link opens, as it is now. Raises NotFound when it is gone."""
    workspace = link.workspace
    match = page_of(workspace, link.path)
    keys = {name: key for name, key in match.kwargs.items() if name != "workspace"}
    here = Visitor(_request(link), _stranger(workspace), workspace.at(now))
    found = inspect.unwrap(match.func)(here, **keys)
    assert isinstance(found, Extract)
    emails = workspace.members.values_list("person__email", flat=True)
    return Shared(found.title, mark_safe(excerpt(found.html, emails)))  # noqa: S308  our own page


def _request(link: Link) -> HttpRequest:
    """What was shared is asked for: nothing of the visitor's own request, which could ask more."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = f"/{link.workspace.key}/{link.path}"
    request.GET = QueryDict(link.query)
    request.user = AnonymousUser()
    return request


def _stranger(workspace: Workspace) -> Member:
    return Member(workspace=workspace, person=Person(name="Visitor"), role=Role.viewer)
