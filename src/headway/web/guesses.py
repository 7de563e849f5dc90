"""Secrets that were tried and are none: who tries many has to wait."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

MOST = 20
SECONDS = 600


def too_many(request: HttpRequest) -> bool:
    return int(cache.get(_key(request), 0)) >= MOST


def wrong(request: HttpRequest) -> None:
    """Counts one, for each process by itself."""
    key = _key(request)
    if not cache.add(key, 1, SECONDS):
        try:
            cache.incr(key)
        except ValueError:
            cache.set(key, 1, SECONDS)


def _key(request: HttpRequest) -> str:
    return f"guesses:{_address(request)}"


def _address(request: HttpRequest) -> str:
    """Whoever spoke to us; with https, the proxy has written down who spoke to it."""
    passed_on = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", 1)[-1].strip()
    said = passed_on if settings.SECURE and passed_on else request.META.get("REMOTE_ADDR", "")
    return "".join(c if c.isalnum() else "-" for c in str(said))[:60]
