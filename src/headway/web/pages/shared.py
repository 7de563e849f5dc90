"""A shared page, as somebody outside sees it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from headway.accounts import links
from headway.engine.errors import DefinitionError, NotFound
from headway.web import guesses
from headway.web.visitor import shared

HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


@require_safe
def page(request: HttpRequest, raw: str) -> HttpResponse:
    """No sign-in, and whoever is signed in sees no more than others."""
    found = _answer(request, raw)
    for name, value in HEADERS.items():
        found[name] = value
    return found


def _answer(request: HttpRequest, raw: str) -> HttpResponse:
    if guesses.too_many(request):
        refused = render(request, "shared.html", {"title": "Too many wrong links"}, status=429)
        refused["Retry-After"] = str(guesses.SECONDS)
        return refused
    now = timezone.now()
    try:
        link = links.opened(raw, now)
        found = shared(link, now)
    except (NotFound, DefinitionError):
        guesses.wrong(request)
        return render(request, "shared.html", {"title": "This link does not work"}, status=404)
    return render(request, "shared.html", {"title": found.title, "link": link, "found": found})
