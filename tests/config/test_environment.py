"""Environment variables become settings, or an error that says how to write them."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

import headway
from headway.config.environment import (
    SETTINGS,
    data_folder,
    database,
    email,
    memory,
    secret_key,
    whole_number,
)
from headway.engine.errors import DefinitionError
from headway.stores.memory import of_machine


def test_the_secret_key_is_made_once_and_is_private(tmp_path):
    first = secret_key(tmp_path / "data")
    assert secret_key(tmp_path / "data") == first
    assert len(first) >= 50
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_the_data_folder_is_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert data_folder({}) == tmp_path / "headway-data"
    assert data_folder({"HEADWAY_DATA": "elsewhere"}) == tmp_path / "elsewhere"


def test_sqlite_is_durable_and_takes_turns(tmp_path):
    found = database(tmp_path, {})
    assert found["NAME"] == str(tmp_path / "headway.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]
    assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]


def test_a_postgres_address_is_taken_apart(tmp_path):
    url = "postgres://ada:p%40ss@db.example:6432/headway?sslmode=require"
    found = database(tmp_path, {"HEADWAY_DATABASE_URL": url})
    assert found["ENGINE"].endswith("postgresql")
    assert (found["USER"], found["PASSWORD"], found["HOST"]) == ("ada", "p@ss", "db.example")
    assert (found["PORT"], found["NAME"]) == ("6432", "headway")
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["mysql://x/y", "postgres://host", "headway.sqlite3"])
def test_another_database_is_refused_with_an_example(tmp_path, url):
    with pytest.raises(DefinitionError, match=r"HEADWAY_DATABASE_URL.*postgres://user"):
        database(tmp_path, {"HEADWAY_DATABASE_URL": url})


def test_memory_is_an_amount_or_a_share_of_what_there_is():
    whole = of_machine()
    assert memory({}) == whole // 2
    assert memory({"HEADWAY_MEMORY": "25 %"}) == pytest.approx(whole / 4, abs=1)
    assert memory({"HEADWAY_MEMORY": "800MB"}) == 800_000_000
    assert memory({"HEADWAY_MEMORY": "1.5 gb"}) == 1_500_000_000


@pytest.mark.parametrize(
    ("text", "problem"),
    [("4", "not an amount"), ("much", "not an amount"), ("-1 GB", "not"), ("99 MB", "less than")],
)
def test_another_amount_of_memory_is_refused_with_an_example(text, problem):
    with pytest.raises(DefinitionError, match=rf"HEADWAY_MEMORY.*{problem}.*`4 GB`"):
        memory({"HEADWAY_MEMORY": text})


def test_mail_is_printed_until_a_server_is_named():
    assert email({}).backend.endswith("console.EmailBackend")


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://m.example", 25, False, False),
        ("smtp+tls://u:p%2F@m.example", 587, True, False),
        ("smtp+ssl://m.example:4650", 4650, False, True),
    ],
)
def test_a_mail_server_is_taken_apart(url, port, tls, ssl):
    found = email({"HEADWAY_SMTP_URL": url})
    assert (found.host, found.port, found.tls, found.ssl) == ("m.example", port, tls, ssl)
    assert found.password == ("p/" if "@" in url else "")


def test_another_mail_address_is_refused_with_an_example():
    with pytest.raises(DefinitionError, match=r"HEADWAY_SMTP_URL.*smtp\+tls://"):
        email({"HEADWAY_SMTP_URL": "mail.example:25"})


def test_a_number_is_read_or_refused():
    assert whole_number("HEADWAY_X", 7, {}) == 7
    assert whole_number("HEADWAY_X", 7, {"HEADWAY_X": "12"}) == 12
    with pytest.raises(DefinitionError, match="HEADWAY_X: `many`"):
        whole_number("HEADWAY_X", 7, {"HEADWAY_X": "many"})


def test_every_variable_that_is_read_is_explained():
    sources = Path(headway.__file__).parent.rglob("*.py")
    found = {n for f in sources for n in re.findall(r"HEADWAY_[A-Z_]+[A-Z]", f.read_text())}
    assert found == set(SETTINGS)
