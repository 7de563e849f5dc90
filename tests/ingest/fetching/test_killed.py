"""A fetch whose process is killed, again and again: in the end everything is there once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from tests.ingest.fetching.served import Answer, Asked, served
from tests.ingest.fetching.till import KEY, Till, price, seconds, subscription

HEADWAY = [sys.executable, "-m", "headway"]
SUBSCRIPTIONS, KILLS = 40, 2


@pytest.mark.slow
def test_a_fetch_that_is_killed_goes_on_and_doubles_nothing(tmp_path: Path) -> None:
    start = seconds(2026, 2, 1)
    till = Till(
        subscriptions=[
            subscription(f"sub_{n}", f"cus_{n}", start + n, price(1000))
            for n in range(SUBSCRIPTIONS)
        ],
        largest=2,
    )
    pages: list[str] = []

    def slowly(asked: Asked) -> Answer:
        pages.append(asked.one("starting_after"))
        time.sleep(0.1)
        return till.answer(asked)

    clean = {k: v for k, v in os.environ.items() if not k.startswith(("HEADWAY_", "DJANGO_"))}
    own = {
        "HEADWAY_DATA": str(tmp_path / "data"), "HEADWAY_PASSWORD": "correct horse battery",
        "STRIPE_KEY": KEY,
    }  # fmt: skip

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*HEADWAY, *arguments], env=clean | own, stdout=subprocess.DEVNULL)

    with served(slowly) as server:
        assert (
            run("init", "--key", "acme", "--name", "A", "--email", "a@acme.example").wait(60) == 0
        )
        definition = tmp_path / "sources.yml"
        definition.write_text(
            "workspace: {key: acme, name: A}\nsources:\n"
            f"  - {{key: billing, kind: stripe, secret_env: STRIPE_KEY, url: '{server.url}'}}\n"
        )
        assert run("apply", str(definition)).wait(60) == 0
        for _ in range(KILLS):
            seen = len(pages)
            fetching = run("fetch", "now", "billing", "--take-over")
            while len(pages) < seen + 8:
                assert fetching.poll() is None
                time.sleep(0.02)
            fetching.send_signal(signal.SIGKILL)
            fetching.wait()
        assert run("fetch", "now", "billing", "--take-over").wait(60) == 0
    parts = str(tmp_path / "data" / "events" / "acme" / "billing" / "*.parquet")
    told = "SELECT count(*), count(DISTINCT message_id) FROM read_parquet(?, union_by_name=true)"
    assert duckdb.execute(told, [parts]).fetchone() == (SUBSCRIPTIONS * 3,) * 2
    again = len(pages) - len(set(pages))
    assert again <= 2 * (KILLS + 4), "it began where it was, not at the beginning"
