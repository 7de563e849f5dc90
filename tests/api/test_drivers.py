"""What moved a metric, over HTTP and at the command line: the same parts."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from django.conf import settings

from headway.cli import main
from tests.api.conftest import Api

Weeks = Callable[..., None]


@pytest.fixture
def shop(goals: Api, weeks: Weeks) -> Api:
    """Weeks of 2 and 9 November 2026."""
    goals("PUT", "/metrics/buyers", {"kind": "unique", "event": "order"})
    formula = {"kind": "formula", "formula": "orders / buyers"}
    goals("PUT", "/metrics/often", {**formula, "name": "Orders per buyer"})
    weeks("orders", 100, 120)
    weeks("buyers", 50, 40)
    weeks("often", 2, 3)
    for segment, values in {"pro": (60, 90), "free": (40, 30)}.items():
        weeks("orders", *values, segment_by="plan", segment=segment)
    return goals


def test_drivers_and_segments_over_http(shop: Api) -> None:
    found = shop("GET", "/metrics/often/drivers")
    assert (found["start_before"], found["start_after"]) == ("2026-11-02", "2026-11-09")
    assert (found["formula"], found["method"], found["change"]) == (
        "orders / buyers",
        "log-mean",
        1,
    )
    assert [p["name"] for p in found["parts"]] == ["buyers", "orders"], "ranked"
    assert (found["noise"], found["parts"][0]["noise"]) == ("cannot tell", "cannot tell")
    assert sum(p["share"] for p in found["parts"]) == pytest.approx(1)
    by = shop("GET", "/metrics/orders/drivers?by=plan&from=2026-11-04&to=2026-11-11")
    assert {p["name"]: p["share"] for p in by["parts"]} == {"pro": 30, "free": -10}
    assert shop("GET", "/metrics/orders/drivers")["reason"].startswith("It is measured")
    wrong = shop("GET", "/metrics/orders/drivers?by=plam", status=404)
    assert "Did you mean `plan`" in wrong["fix"]
    wrong = shop("GET", "/metrics/orders/drivers?grain=week&to=2026-q3", status=422)
    assert "`2026-q3` is a quarter" in wrong["message"]


def test_drivers_at_the_command_line(shop: Api) -> None:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()

    def said(*words: str, exits: int = 0) -> str:
        found = CliRunner().invoke(main, ["drivers", *words])
        assert found.exit_code == exits, found.output
        return found.output

    table = said("often").splitlines()
    assert table[0] == "Orders per buyer, week of 2 Nov 2026 → week of 9 Nov 2026: 2 → 3 (+1)"
    assert table[2].split() == ["Buyers", "50", "40", "+0.55"]
    assert table[3].split() == ["Orders", "100", "120", "+0.45"]
    assert said("orders", "--by", "plan", "--format", "csv").splitlines() == [
        "name,before,after,share,own,noise",
        "pro,60.0,90.0,30.0,,cannot tell",
        "free,40.0,30.0,-10.0,,cannot tell",
    ]
    assert json.loads(said("often", "--format", "json"))["change"] == 1
    assert "give it a tree" in said("orders")
    assert "Did you mean `often`" in said("oftn", exits=2)
