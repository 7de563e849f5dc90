"""`headway source-key`: a key is made, listed and revoked by how it begins."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from headway.accounts.models import Workspace
from headway.cli import main
from headway.ingest.models import WriteKey

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(main, ["source-key", *arguments])
    return found.exit_code, found.output


def test_a_key_from_making_to_revoking(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headway.cli.django.ready", lambda **_: None)
    assert run("list", "app")[0] == 2
    status, value = run("new", "app", "--name", "web")
    assert (status, len(value.strip())) == (0, 32)
    [row] = json.loads(run("list", "app", "--format", "json")[1])
    assert (row["name"], row["last used"], row["revoked"]) == ("web", "never", "")
    assert "no write key begins" in run("revoke", "app", "zzz")[1]
    assert run("revoke", "app", value[:8])[0] == 0
    assert WriteKey.objects.get().revoked_at
