"""What a page may load: only what comes from here."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

Respond = Callable[[HttpRequest], HttpResponseBase]


def content_security_policy(respond: Respond) -> Respond:
    def with_policy(request: HttpRequest) -> HttpResponseBase:
        response = respond(request)
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return with_policy
