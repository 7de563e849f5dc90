"""A Headway of its own that is killed and started again, and clients that never give up."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

HEADWAY = [sys.executable, "-m", "headway"]
BATCH = 20


@dataclass
class Running:
    """A folder of Headway, and its web and worker by name."""

    folder: Path
    port: int = 0
    key: str = ""
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        own = {k: v for k, v in os.environ.items() if not k.startswith(("HEADWAY_", "DJANGO_"))}
        return own | {
            "HEADWAY_DATA": str(self.folder / "data"),
            "HEADWAY_PASSWORD": "correct horse battery",
            "HEADWAY_WORKER_SECONDS": "0.2",
        }

    def make(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.run("init", "--key", "acme", "--name", "Acme", "--email", "ada@acme.example")
        self.key = self.run("source-key", "new", "app", "--name", "tests").strip()

    def run(self, *arguments: str) -> str:
        return self.run_under([], *arguments)

    def run_under(self, prefix: list[str], *arguments: str) -> str:
        command = [*prefix, *HEADWAY, *arguments]
        done = subprocess.run(
            command, env=self.environ, check=True, timeout=120, capture_output=True, text=True
        )
        return done.stdout

    def start(self, name: str, before: Callable[[], None] | None = None, *prefix: str) -> None:
        more = ["--port", str(self.port)] if name == "web" else []
        with (self.folder / f"{name}.log").open("a") as log:
            self.parts[name] = subprocess.Popen(
                [*prefix, *HEADWAY, name, *more],
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=before,
            )

    def kill(self, name: str) -> None:
        """At once, with all that it has started."""
        os.killpg(self.parts[name].pid, signal.SIGKILL)
        self.parts.pop(name).wait()

    def end(self) -> None:
        for name in list(self.parts):
            self.kill(name)

    def wait(self, seconds: float = 60) -> None:
        """Until it answers; one that was just killed may still take connections."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/in/nobody/nowhere")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                return
            finally:
                connection.close()
        raise AssertionError((self.folder / "web.log").read_text())

    def send(self, ids: list[str], timeout: float = 20) -> tuple[int, str]:
        """The status and `Retry-After`; OSError where nobody answers."""
        events = [
            {"type": "track", "event": "pinged", "userId": "u1", "messageId": id_} for id_ in ids
        ]
        auth = base64.b64encode(f"{self.key}:".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(
                "POST",
                "/v1/batch",
                json.dumps({"batch": events}),
                {"Authorization": f"Basic {auth}"},
            )
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("Retry-After") or ""
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def stored(self) -> Counter[str]:
        """How often each event is served, after whatever waits has been drained."""
        self.run("refresh")
        found: Counter[str] = Counter()
        for (path,) in self.rows("SELECT path FROM ingest_part"):
            whole = self.folder / "data" / "events" / path
            found.update(pq.read_table(whole, columns=["message_id"])["message_id"].to_pylist())
        return found

    def rows(self, sql: str) -> list[Any]:
        connection = sqlite3.connect(self.folder / "data" / "headway.sqlite3", timeout=20)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


@dataclass
class Client:
    """Sends each batch until it is thanked for it, as SDKs do."""

    running: Running
    name: str
    over: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            ids = [f"{self.name}-{number}-{i}" for i in range(BATCH)]
            self.tried += ids
            if self._until_thanked(ids):
                self.acknowledged += ids

    def _until_thanked(self, ids: list[str]) -> bool:
        while not self.over.is_set():
            try:
                status, _ = self.running.send(ids)
            except OSError:
                status = 0
            self.answers[status] += 1
            if status == 200:
                return True
            self.over.wait(0.05)
        return False
