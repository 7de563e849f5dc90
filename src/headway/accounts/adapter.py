"""How sign-in behaves here: people come in by invitation, never by a public form."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Built from the configured address: the Host header of a request is not to be trusted."""
        path: str = super().get_reset_password_from_key_url(key)
        return settings.BASE_URL + path[path.index("/accounts/") :]
