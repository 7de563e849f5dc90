"""A real Prometheus with three hours of checks, up to the catalogue's availability and latency."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from headway.accounts.models import Member, Workspace
from headway.ingest.actions import save_source
from headway.ingest.fetch import fetch
from headway.ingest.fetching import FETCHERS, prometheus
from headway.ingest.models import Source
from headway.metrics.actions import save_metric
from headway.metrics.catalogue import templates
from headway.metrics.reading import series
from headway.metrics.refresh import refresh
from tests.postgres.cluster import free_port

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FIRST = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
MISSING = "Prometheus is not installed: apt install prometheus"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Each minute of 180 a check, of which 18 failed; each took 200 ms, those that failed 900."""
    if shutil.which("prometheus") is None:
        assert "CI" not in os.environ, MISSING
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("prometheus")
    lines = ["# TYPE probe_success gauge"]
    at = [int(FIRST.timestamp()) + 60 * minute for minute in range(180)]
    lines += [f'probe_success{{site="shop"}} {int(n % 10 != 3)} {t}' for n, t in enumerate(at)]
    lines += ["# TYPE probe_seconds gauge"]
    lines += [
        f'probe_seconds{{site="shop"}} {0.2 if n % 10 != 3 else 0.9} {t}' for n, t in enumerate(at)
    ]
    (folder / "history").write_text("\n".join([*lines, "# EOF\n"]))
    (folder / "config.yml").write_text("global: {scrape_interval: 1h}\n")
    run = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    blocks = ("promtool", "tsdb", "create-blocks-from", "openmetrics")
    subprocess.run([*blocks, folder / "history", folder / "data"], check=True, timeout=60, **run)
    port = free_port()
    server = subprocess.Popen(
        [
            "prometheus", f"--config.file={folder / 'config.yml'}",
            f"--storage.tsdb.path={folder / 'data'}", "--storage.tsdb.retention.time=100y",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        **run,
    )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}/-/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _wait(url: str) -> None:
    for _ in range(150):
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("Prometheus did not begin to answer.")


def test_its_checks_become_availability_and_latency(
    acme: Workspace, admin: Member, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prometheus, "STEPS_AT_ONCE", 50)
    for key, query, measure in (
        ("up", "probe_success", "availability"),
        ("speed", "probe_seconds", "latency"),
        ("load", "probe_seconds / 0", "value"),
    ):
        save_source(
            acme, key, by=admin, now=NOW, kind="prometheus", url=address, query=query,
            measure=measure, since=date(2026, 3, 2), every="1 hour",
        )  # fmt: skip
    by_key = {one.key: one for one in templates()}
    for name in ("availability", "latency_p50", "latency_p99"):
        save_metric(acme, by_key[name].document, by=admin, now=NOW)
    middle = FIRST + timedelta(minutes=91)
    assert not fetch(acme, now=middle).problems
    assert not fetch(acme, now=NOW).problems
    assert fetch(acme, now=NOW + timedelta(minutes=59)).added == 0
    rows = {source.key: source.rows for source in Source.objects.all()}
    # The last value holds for five minutes after its scrape.
    assert rows["up"] == rows["speed"]
    assert rows["up"] in range(180, 186)
    assert rows["load"] == 0
    assert "is no number" in Source.objects.get(key="load").refusals.first().reason
    refresh(acme, now=NOW)
    found = {m.key: series(m, "month").points[-1].value for m in acme.metrics.all()}
    assert found["availability"] == pytest.approx(1 - 18 / rows["up"])
    assert found["latency_p50"] == pytest.approx(200)
    assert found["latency_p99"] == pytest.approx(900)
    words = FETCHERS["prometheus"].words(Source.objects.get(key="up").fetch.cursor)
    assert words == "All values until 2026-03-02 09:29 UTC."


def test_a_mistake_in_the_expression_is_said(acme: Workspace, admin: Member, address: str) -> None:
    save_source(
        acme, "up", by=admin, now=NOW, kind="prometheus", url=address, query="sum(", step="1 hour"
    )
    assert "parse error" in fetch(acme, now=NOW).problems["up"]
