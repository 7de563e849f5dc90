"""How fast events come in and go into the store: `python -m bench.ingest`.

    python -m bench.ingest [--seconds 10] [--connections 16] [--rounds 3] [--folder FOLDER]
                           [--only headway,redis,influxdb]

Batches of 100 events from several connections, to the real server process on SQLite in its
full-sync mode; the clients share the machine with it. Then the drain of the worker takes what was
acknowledged into the store, where all of it is counted. Beside it, in the same rounds and from the
same clients:

- Redis with `appendfsync always`: a list of the same bodies. It reads no JSON and checks no key, so
  that it says what the disk and the clients allow.
- InfluxDB 1.x, which answers HTTP once its log is synced: the same numbers as lines.

Peers are started where they are installed (Debian: redis-server, influxdb).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench import report
from bench.sender import MARK, Request, Sent, send
from bench.targets import Target

EVENTS = 100
HEADWAY = [sys.executable, "-m", "headway"]
NAMES = ("order_placed", "page_viewed", "item_added", "searched")
PLANS, COUNTRIES = ("free", "pro", "team"), ("DE", "FR", "US")
INTAKE, SLOWEST, DRAIN = 100_000, 100, 300_000
INFLUX = """
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
"""

Server = Callable[[Path, int], Iterator[Request]]


def events() -> list[dict[str, object]]:
    return [
        {
            "type": "track",
            "event": NAMES[i % 4],
            "userId": f"user-{i * 7919 % 5000}",
            "messageId": f"{MARK.decode()}-{i:03d}",
            "timestamp": f"2026-11-22T10:{i % 60:02d}:{i * 7 % 60:02d}.{i:03d}Z",
            "properties": {
                "amount": round(i * 1.37, 2), "items": i % 5,
                "plan": PLANS[i % 3], "country": COUNTRIES[i // 3 % 3],
            },
            "context": {"library": {"name": "analytics-python", "version": "2.3.0"}},
        }
        for i in range(EVENTS)
    ]  # fmt: skip


def body() -> bytes:
    sent = {"batch": events(), "sentAt": "2026-11-22T10:59:59.000Z"}
    return json.dumps(sent, separators=(",", ":")).encode()


def post(path: str, content: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *headers]
    lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def environ(folder: Path) -> dict[str, str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith(("HEADWAY_", "DJANGO_"))}
    more = {"HEADWAY_DATA": str(folder), "HEADWAY_PASSWORD": "correct horse battery"}
    return own | more | {"HEADWAY_INBOX_MEGABYTES": "100000", "HEADWAY_LOG_LEVEL": "ERROR"}


def headway(folder: Path, *arguments: str) -> str:
    command = [*HEADWAY, *arguments]
    done = subprocess.run(command, env=environ(folder), check=True, capture_output=True, text=True)
    return done.stdout.strip()


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    process = subprocess.Popen(
        command, env=environ(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


@contextmanager
def of_headway(folder: Path, port: int) -> Iterator[Request]:
    headway(folder, "init", "--key", "bench", "--name", "Bench", "--email", "bench@bench.example")
    key = headway(folder, "source-key", "new", "app", "--name", "bench")
    auth = b64encode(f"{key}:".encode()).decode()
    content = post("/v1/batch", body(), f"Authorization: Basic {auth}")
    with running([*HEADWAY, "web", "--port", str(port)], port, folder):
        time.sleep(1)
        yield Request(content, b"HTTP/1.1 200")


@contextmanager
def of_redis(folder: Path, port: int) -> Iterator[Request]:
    content = body()
    pushed = b"*3\r\n$5\r\nRPUSH\r\n$6\r\nevents\r\n$%d\r\n%b\r\n" % (len(content), content)
    command = [
        "redis-server", "--port", str(port), "--dir", str(folder), "--appendonly", "yes",
        "--appendfsync", "always", "--save", "", "--auto-aof-rewrite-percentage", "0",
    ]  # fmt: skip
    with running(command, port, folder):
        yield Request(pushed, b":")


@contextmanager
def of_influxdb(folder: Path, port: int) -> Iterator[Request]:
    config = folder / "influxdb.conf"
    config.write_text(INFLUX.format(folder=folder, port=port))
    lines = [
        f"{NAMES[i % 4]},plan={PLANS[i % 3]},country={COUNTRIES[i // 3 % 3]} "
        f'user="user-{i * 7919 % 5000}",id="{MARK.decode()}-{i:03d}",'
        f"amount={round(i * 1.37, 2)},items={i % 5}i 1763{MARK.decode()}{i:03d}"
        for i in range(EVENTS)
    ]
    with running(["influxd", "-config", str(config)], port, folder):
        time.sleep(3)
        made = Request(post("/query?q=CREATE+DATABASE+events", b""), b"HTTP/1.1 200")
        send(port, made, 1, 0)
        yield Request(post("/write?db=events", "\n".join(lines).encode()), b"HTTP/1.1 204")


SERVERS = {
    "headway": ("Headway", of_headway, ""),
    "redis": ("Redis, a list, `appendfsync always`", of_redis, "redis-server"),
    "influxdb": ("InfluxDB, HTTP, log synced", of_influxdb, "influxd"),
}


@dataclass(frozen=True)
class Measured:
    """`drain` is in events a second."""

    sent: Sent
    drain: float = 0.0

    @property
    def pace(self) -> float:
        return EVENTS * self.sent.acknowledged / self.sent.seconds


def measure(name: str, asked: argparse.Namespace) -> Measured:
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix=f"{name}-") as made:
        folder = Path(made)
        with SERVERS[name][1](folder, free_port()) as request:
            port = _ports[-1]
            send(port, request, asked.connections, 1)
            sent = send(port, request, asked.connections, asked.seconds, first=10**9)
        return Measured(sent, drained(folder) if name == "headway" else 0.0)


_ports: list[int] = []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        _ports.append(int(probe.getsockname()[1]))
    return _ports[-1]


def drained(folder: Path) -> float:
    command = [sys.executable, "-m", "bench.ingest", "--drain", str(folder)]
    found = subprocess.run(command, env=environ(folder), check=True, capture_output=True, text=True)
    return float(found.stdout.strip().splitlines()[-1])


def drain_all() -> None:
    """Prints how many events a second went from the inbox into the store, each once.

    From the second step on: before it, code is compiled, once for as long as a worker runs.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = "headway.config.settings"
    import django

    django.setup()
    from headway.accounts.models import Workspace
    from headway.ingest.inflow.drain import drain
    from headway.ingest.models import Delivered, Part

    def stored() -> int:
        return sum(Part.objects.values_list("rows", flat=True))

    steps: list[tuple[float, int]] = []

    def noted() -> bool:
        steps.append((time.perf_counter(), stored()))
        return False

    waiting = EVENTS * Delivered.objects.count()
    done = drain(Workspace.objects.get(), now=datetime.now(UTC), stopped=noted)
    assert waiting == done.added == stored(), (waiting, done, stored())
    (began, before), (ended, after) = steps[min(1, len(steps) - 2)], steps[-1]
    print((after - before) / (ended - began))


def main() -> None:
    asked = _arguments()
    if asked.drain:
        drain_all()
        return
    asked.folder.mkdir(parents=True, exist_ok=True)
    busy, found = report.load(), defaultdict(list)
    for _ in range(asked.rounds):
        for name in asked.only:
            found[name].append(measure(name, asked))
    said = f"Batches of {EVENTS} events of {len(body()) // EVENTS} bytes, {asked.connections} "
    said += f"connections, medians of {asked.rounds} rounds of {asked.seconds:g} seconds."
    print("\n".join(filter(None, (said, f"{report.machine()}.", busy))))
    print(f"\n{report.markdown(list(_rows(found)))}")
    print(f"\n{report.markdown(report.held(list(_targets(found.get('headway', [])))))}")


def _rows(found: dict[str, list[Measured]]) -> Iterator[report.Row]:
    yield ("", "events/s", "half within", "99 % within", "drained, events/s", "refused")
    for name, rounds in found.items():
        drain = median(one.drain for one in rounds)
        yield (
            SERVERS[name][0],
            f"{median(one.pace for one in rounds):,.0f}",
            f"{median(one.sent.quantile(0.5) for one in rounds):.1f} ms",
            f"{median(one.sent.quantile(0.99) for one in rounds):.1f} ms",
            f"{drain:,.0f}" if drain else "–",
            str(sum(len(one.sent.other) for one in rounds)),
        )


def _targets(rounds: list[Measured]) -> Iterator[Target]:
    if not rounds:
        return
    pace, drain = (median(getattr(one, n) for one in rounds) for n in ("pace", "drain"))
    slow = median(one.sent.quantile(0.99) for one in rounds)
    yield Target("events a second, on disk", INTAKE, pace, at_most=False, unit="")
    yield Target("wait of 99 % of batches", SLOWEST, slow, unit="ms")
    yield Target("events a second, from the inbox into the store", DRAIN, drain, False, unit="")


def _arguments() -> argparse.Namespace:
    usual = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m bench.ingest", description=__doc__, formatter_class=usual
    )
    there = [name for name, (_, _, needs) in SERVERS.items() if not needs or shutil.which(needs)]
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", type=lambda text: text.split(","), default=there)
    parser.add_argument("--folder", type=Path, default=Path("build/bench/ingest"))
    parser.add_argument("--drain", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
