"""The secrets of the machine are of the workspace to which the operator allots them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as set_up
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.config.environment import allotted
from headway.engine.errors import DefinitionError
from tests.api.conftest import api_of

STRIPE = {"kind": "stripe", "secret_env": "BETA_STRIPE"}


def test_what_is_allotted_is_read_by_workspace() -> None:
    found = allotted("X", {"X": "acme:A_*,/srv/acme beta:B acme:C"})
    assert found == {"acme": ("A_*", "/srv/acme", "C"), "beta": ("B",)}
    assert allotted("X", {}) is None
    with pytest.raises(DefinitionError, match="allots nothing"):
        allotted("X", {"X": "acme"})


@pytest.mark.django_db
def test_a_source_names_no_secret_and_no_file_of_others(
    acme: Workspace, admin: Member, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BETA_STRIPE", "sk_test_of_beta")
    api = api_of(admin)
    api("PUT", "/sources/bills", STRIPE)
    settings.ALLOTTED = {"acme": ("ACME_*", "/srv/acme"), "beta": ("BETA_*",)}
    refused = api("PUT", "/sources/bills", {**STRIPE, "every": "1 hour"}, status=422)
    assert "not allotted to Acme" in str(refused)
    api("PUT", "/sources/bills", {**STRIPE, "secret_env": "ACME_STRIPE"})
    file = {"kind": "file", "at": "at", "event": "paid", "url": "/srv/acme/../beta/a.csv"}
    assert "/srv/beta/a.csv" in str(api("PUT", "/sources/file", file, status=422))
    api("PUT", "/sources/file", {**file, "url": "/srv/acme/a.csv"})
    client = Client()
    client.force_login(admin.person)  # type: ignore[arg-type]
    typed = {"key": "x", "name": "x", "secret_env": "BETA_STRIPE", "every": "1 hour", "do": "test"}
    page = client.post("/acme/sources/new/stripe", typed).content.decode()
    assert "not allotted to Acme" in page, re.findall(r'class="error[^>]*>([^<]+)', page)
    assert "sk_test_of_beta" not in page
    assert set_up.ALLOTTED is not None
