"""What was acknowledged is in the store once, whatever happens to the processes and the disk."""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.door.killed import Client, Running

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("HEADWAY_KILL_SECONDS", "60"))
CLIENTS = 4
SEED = 20_261_122


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    made.make()
    yield made
    made.end()


def test_random_kills_lose_and_double_nothing(running: Running) -> None:
    chance, over = random.Random(SEED), threading.Event()  # noqa: S311 - no secret
    for name in ("web", "worker"):
        running.start(name)
    clients = [Client(running, f"client{i}", over) for i in range(CLIENTS)]
    running.wait()
    threads = [client.start() for client in clients]
    until, kills = time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.2, 4))
        name = chance.choice(["web", "worker"])
        running.kill(name)
        running.start(name)
        kills += 1
        running.wait()
    over.set()
    for thread in threads:
        thread.join(60)
    running.end()
    acknowledged = {id_ for client in clients for id_ in client.acknowledged}
    stored = running.stored()
    told = f"{kills} kills, {len(acknowledged):,} acknowledged, {len(stored):,} stored"
    print(told, *(client.answers for client in clients))  # noqa: T201 - shown with -s
    assert kills > SECONDS / 8
    assert len(acknowledged) > 1_000
    assert acknowledged - set(stored) == set(), told
    assert [id_ for id_, times in stored.items() if times > 1] == [], told
    assert set(stored) <= {id_ for client in clients for id_ in client.tried}, told
    assert running.rows("SELECT COUNT(*) FROM ingest_delivered") == [(0,)]


def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost(running: Running) -> None:
    """A limit to the size of files is what a process without special rights can have of one."""
    database = running.folder / "data" / "headway.sqlite3"
    most = database.stat().st_size + 300_000

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    running.start("web", small)
    running.wait()
    acknowledged: list[str] = []
    refused = ("", "")
    for number in range(4_000):
        ids = [f"{number}-{os.urandom(40).hex()}-{i}" for i in range(200)]
        status, retry = running.send(ids)
        if status != 200:
            refused = (str(status), retry)
            break
        acknowledged += ids
    assert refused == ("503", "2")
    assert running.send(["one more"])[0] in (200, 503)
    running.kill("web")
    running.start("web")
    running.wait()
    assert running.send(ids)[0] == 200
    running.end()
    stored = running.stored()
    assert set(acknowledged) | set(ids) <= set(stored)
    assert set(stored.values()) == {1}


def test_a_locked_database_is_said_before_clients_give_up(running: Running) -> None:
    running.start("web")
    running.wait()
    assert running.send(["before"])[0] == 200
    other = sqlite3.connect(running.folder / "data" / "headway.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    assert running.send(["during"], timeout=30) == (503, "2")
    assert time.monotonic() - began < 10
    other.execute("ROLLBACK")
    other.close()
    assert running.send(["during"])[0] == 200
    running.end()
    assert running.stored() == {"before": 1, "during": 1}


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_the_disk_has_it_before_the_client_is_thanked(running: Running) -> None:
    """In the order in which the system was called: log synced, then the answer is sent."""
    trace = running.folder / "web.trace"
    calls = "trace=fsync,fdatasync,sendto,write,writev,sendmsg"
    running.start("web", None, "strace", "-f", "-y", "-s", "64", "-e", calls, "-o", str(trace))
    running.wait()
    time.sleep(1)
    before = trace.stat().st_size
    assert running.send(["traced"])[0] == 200
    time.sleep(1)
    running.end()
    with trace.open() as file:
        file.seek(before)
        lines = file.read().splitlines()
    synced = next(i for i, line in enumerate(lines) if re.search(r"sync\(.*sqlite3-wal>", line))
    thanked = next(i for i, line in enumerate(lines) if "HTTP/1.1 200" in line)
    assert synced < thanked


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_parts_are_on_disk_before_the_manifest_names_them(running: Running) -> None:
    """File, name and folder are synced, then the transaction that empties the inbox."""
    running.start("web")
    running.wait()
    assert running.send(["traced"])[0] == 200
    running.end()
    trace = running.folder / "drain.trace"
    calls = "trace=fsync,fdatasync,rename,renameat2"
    command = ["strace", "-f", "-y", "-e", calls, "-o", str(trace)]
    running.run_under(command, "refresh")
    lines = trace.read_text().splitlines()

    def at(pattern: str, after: int = -1) -> int:
        return next(i for i, line in enumerate(lines) if i > after and re.search(pattern, line))

    renamed = at(r"rename.*\.parquet\"")
    data = max(i for i in range(renamed) if re.search(r"fsync\(.*\.writing-", lines[i]))
    folder = at(r"fsync\(.*/events/acme/app>", renamed)
    manifest = at(r"sync\(.*sqlite3-wal>", renamed)
    assert data < renamed < folder < manifest
