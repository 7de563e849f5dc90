"""A real Spark cluster on this machine: a master and workers, each a process of its own."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pyspark

CLASS = "org.apache.spark.deploy.{}"
STARTED_WITHIN = 90.0
"""Seconds; a machine with other work to do takes its time."""


@dataclass(frozen=True)
class Standalone:
    master: str
    page: str
    workers: tuple[subprocess.Popen[bytes], ...]

    def alive(self) -> int:
        """How many workers the master believes in."""
        with urlopen(f"{self.page}/json/", timeout=10) as answer:  # noqa: S310 - of ours
            return int(json.load(answer)["aliveworkers"])


@contextmanager
def standalone(folder: Path, workers: int = 2, memory: str = "1g") -> Iterator[Standalone]:
    """Workers have one core each. Whatever happens, no process is left."""
    port, page = _free_port(), _free_port()
    with ExitStack() as stack:
        at = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page)]
        stack.enter_context(_process(folder / "master", "master.Master", at))
        found = Standalone(f"spark://127.0.0.1:{port}", f"http://127.0.0.1:{page}", ())
        _until(lambda: found.alive() == 0, "the master")
        each = ["--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", memory]
        started = [
            stack.enter_context(
                _process(folder / f"worker-{i}", "worker.Worker", [*each, found.master])
            )
            for i in range(workers)
        ]
        _until(lambda: found.alive() == workers, "the workers")
        yield Standalone(found.master, found.page, tuple(started))


def kill(process: subprocess.Popen[bytes]) -> None:
    """At once, with the executors that it started, as when a machine loses its power."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


@contextmanager
def _process(folder: Path, name: str, arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """`spark-class` in a process group of its own, with its files in the folder."""
    folder.mkdir(parents=True)
    home = Path(pyspark.__file__).parent
    environ = os.environ | {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder),
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_DAEMON_MEMORY": "256m",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(home / "bin" / "spark-class"), CLASS.format(name), *arguments],
            cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True,
            preexec_fn=_ends_with_parent,
        )  # fmt: skip
    try:
        yield process
    finally:
        kill(process)


def _ends_with_parent() -> None:
    """Also when a test run is killed; only Linux can be asked for that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _until(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < until:
        with suppress(OSError):
            if holds():
                return
        time.sleep(0.1)
    raise AssertionError(f"{what} did not start within {STARTED_WITHIN:g} seconds")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
