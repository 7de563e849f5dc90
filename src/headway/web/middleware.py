"""What every response of the web goes through: the security policy, and errors as pages."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from headway.engine.errors import (
    Conflict,
    DefinitionError,
    HeadwayError,
    InputError,
    NotAllowed,
    NotFound,
    StoreError,
)
from headway.web.context import stand

LAYOUTS = {True: "base.html", False: "account/alone.html"}

log = logging.getLogger(__name__)

Respond = Callable[[HttpRequest], HttpResponse]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

PERMISSIONS = ", ".join(f"{name}=()" for name in ("camera", "geolocation", "microphone", "usb"))
OWN_CACHE = "private, no-cache"
"""A browser asks again before it shows a page from its cache: somebody may have signed out."""

TITLES: dict[type[HeadwayError], str] = {
    NotAllowed: "You may not do this",
    NotFound: "There is nothing here",
    Conflict: "This does not fit with what is there",
    DefinitionError: "The definition is not right yet",
    InputError: "This cannot be read",
    StoreError: "The event store cannot answer",
}


class SecurityPolicy:
    """Pages run no script and load no style but our own files, and nobody else keeps a copy."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cache-Control", OWN_CACHE)
        return response


class ErrorPages:
    """An error of the tree becomes a page that says what happened, where, and how to mend it."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, HeadwayError):
            return None
        titles = (t for kind, t in TITLES.items() if isinstance(error, kind))
        title = next(titles, "Something went wrong")
        return error_page(request, error, title)


def error_page(request: HttpRequest, error: HeadwayError, title: str) -> HttpResponse:
    """Inside the workspace that the address names, for those who may see it; else alone."""
    key = request.path.split("/")[1]
    try:
        here = stand(request, key)
    except HeadwayError:
        here = None
    shown = {"error": error, "title": title, "here": here, "layout": LAYOUTS[here is not None]}
    return render(request, "error.html", shown, status=error.status)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """An address that leads nowhere."""
    error = NotFound("No page has this address.", fix="It may be misspelt, or from before.")
    return error_page(request, error, TITLES[NotFound])


def broken(request: HttpRequest) -> HttpResponse:
    """What nobody expected. It is in the log, and nothing of its inside is on the page.

    It stands alone and asks for nothing, as whatever is broken may be needed for more.
    """
    number = secrets.token_hex(4)
    log.error("Failure %s: %s %s", number, request.method, request.path)
    return HttpResponseServerError(render_to_string("broken.html", {"number": number}))
