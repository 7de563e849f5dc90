"""What SDKs send to a Headway on PostgreSQL: committed before the answer, in the store once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.door.killed import Running
from tests.postgres.conftest import environment_for

pytestmark = pytest.mark.slow


class OnPostgres(Running):
    """The same, with another database."""

    database = ""

    @property
    def environ(self) -> dict[str, str]:
        return super().environ | {"HEADWAY_DATABASE_URL": self.database}


def test_deliveries_survive_kills_and_go_in_once(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    running = OnPostgres(tmp_path)
    running.database = environment_for("postgres", tmp_path, request)["HEADWAY_DATABASE_URL"]
    try:
        running.make()
        running.start("web")
        running.wait()
        assert running.send(["a", "b"])[0] == 200
        running.kill("web")
        running.start("web")
        running.wait()
        assert running.send(["b", "c"])[0] == 200
        said = running.run("refresh", "--format", "json")
        assert '"events": 3' in said
    finally:
        running.end()
