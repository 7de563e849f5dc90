"""`headway serve` as an operator runs it: real processes, a real port, real signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HEADWAY = [sys.executable, "-m", "headway"]


@pytest.fixture
def environment(tmp_path):
    environ = {k: v for k, v in os.environ.items() if not k.startswith("HEADWAY_")}
    environ |= {"HEADWAY_DATA": str(tmp_path / "data"), "HEADWAY_PASSWORD": "correct horse battery"}
    init = ["init", "--key", "acme", "--name", "Acme", "--email", "ada@acme.example"]
    subprocess.run([*HEADWAY, *init], env=environ, check=True, timeout=60)
    return environ


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def served(environment, port, tmp_path):
    with (tmp_path / "log").open("w") as log:
        command = [*HEADWAY, "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        yield process
        process.kill()
        process.wait()


def answer(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
        return response.status


def wait_for(condition, seconds=60.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if condition():
                return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


def children(pid):
    """Every process below `pid`, by Linux's list of children."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [c for child in listed for c in (int(child), *children(child))]


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_it_serves_and_stops_cleanly(served, port):
    assert wait_for(lambda: answer(port, "/accounts/login/") == 200)
    below = children(served.pid)
    assert len(below) >= 2
    served.send_signal(signal.SIGTERM)
    assert served.wait(10) == 0
    assert wait_for(lambda: not any(map(alive, below)), 2)


def test_a_part_that_dies_is_started_again(served, port):
    assert wait_for(lambda: answer(port, "/accounts/login/") == 200)
    first, *_ = children(served.pid)
    os.kill(first, signal.SIGKILL)
    assert wait_for(lambda: not alive(first), 5)
    assert wait_for(lambda: len(children(served.pid)) >= 2 and first not in children(served.pid))
    assert wait_for(lambda: answer(port, "/accounts/login/") == 200)


def test_nothing_outlives_a_parent_that_is_killed(served, port):
    assert wait_for(lambda: answer(port, "/accounts/login/") == 200)
    below = children(served.pid)
    served.kill()
    assert wait_for(lambda: not any(map(alive, below)), 10)


def test_a_port_in_use_is_said_plainly(environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = subprocess.run(
            [*HEADWAY, "serve", "--port", port],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert said.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{port}" in said.stderr
    assert "--port" in said.stderr


def test_two_that_start_with_a_new_version_at_once(environment):
    """As the web and the worker do, when they are services of their own."""
    older = [sys.executable, "-m", "django", "migrate", "alerting", "zero", "--verbosity", "0"]
    settings = {"DJANGO_SETTINGS_MODULE": "headway.config.settings"}
    subprocess.run(older, env=environment | settings, check=True, timeout=60)
    starting = [subprocess.Popen([*HEADWAY, "okrs"], env=environment) for _ in range(3)]
    assert [process.wait(120) for process in starting] == [0, 0, 0]
