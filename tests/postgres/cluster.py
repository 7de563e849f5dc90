"""A PostgreSQL of the tests' own, in a folder that goes with them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAMS = "/usr/lib/postgresql"
OWNER = "postgres"


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The address of a running server without databases of anybody else's."""
    folder = Path(tempfile.mkdtemp(prefix="headway-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER)
    port = free_port()
    as_owner(program("initdb"), "-D", folder / "data", "-U", OWNER, "-A", "trust", "-E", "UTF8")
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off"
    server = (program("pg_ctl"), "-D", folder / "data", "-l", folder / "log")
    as_owner(*server, "-w", "-o", options, "start")
    yield f"postgres://{OWNER}@127.0.0.1:{port}"
    as_owner(*server, "-m", "immediate", "stop")
    shutil.rmtree(folder)


def program(name: str) -> str:
    installed = sorted(Path(PROGRAMS).glob(f"*/bin/{name}"), key=lambda p: float(p.parts[-3]))
    found = str(installed[-1]) if installed else shutil.which(name)
    if found is None and "CI" not in os.environ:
        pytest.skip("PostgreSQL is not installed: apt install postgresql")
    assert found, "PostgreSQL is not installed: apt install postgresql"
    return found


def as_owner(*command: str | Path) -> None:
    """PostgreSQL refuses to run as root."""
    become = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
    quiet = {"stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    subprocess.run([*become, *command], check=True, timeout=120, cwd="/", **quiet)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
