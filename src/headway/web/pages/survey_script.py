"""What pages of others fetch: the script that asks, and which surveys there are to ask."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.views.decorators.http import require_safe

from headway.surveys.actions import offered
from headway.surveys.script import script, version

FRESH = 60
"""Seconds for which a browser need not ask again."""


@require_safe
def code(request: HttpRequest) -> HttpResponse:
    tag = f'"{version()}"'
    if request.headers.get("If-None-Match") == tag:
        return _public(HttpResponseNotModified(), tag)
    return _public(HttpResponse(script(), content_type="text/javascript; charset=utf-8"), tag)


@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    """Of the source to which the write key belongs."""
    found = offered(request.GET.get("key", ""))
    if found is None:
        problem: dict[str, Any] = {"message": "No source has this write key.", "surveys": []}
        return _public(JsonResponse(problem, status=404))
    return _public(JsonResponse({"surveys": [one.offer() for one in found]}))


def _public(response: HttpResponse, tag: str = "") -> HttpResponse:
    """Any page may read it: it says nothing of anybody."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = f"public, max-age={FRESH}"
    if tag:
        response["ETag"] = tag
    return response
