"""Headway's own database: a file of SQLite, or one in the tests' PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    return environment_for(request.param, tmp_path, request)


def environment_for(kind: str, folder: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings of a fresh installation on that database."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("HEADWAY_")}
    environ |= {"HEADWAY_DATA": str(folder / kind), "HEADWAY_LOG_LEVEL": "ERROR"}
    if kind == "postgres":
        environ["HEADWAY_DATABASE_URL"] = database(request.getfixturevalue("cluster"))
    return environ


def database(cluster: str) -> str:
    import psycopg

    name = f"headway_{uuid4().hex}"
    with psycopg.connect(f"{cluster}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{cluster}/{name}"
