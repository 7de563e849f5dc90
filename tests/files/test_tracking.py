"""The tracking plan as a document: reviewed in files, and the same in the workspace."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from headway.accounts.models import Workspace
from headway.engine.errors import HeadwayError
from headway.files.apply import apply
from headway.files.export import write
from headway.files.plan import plan
from headway.files.reading import read
from headway.files.state import known_in
from headway.ingest.plan import planning

pytestmark = pytest.mark.django_db

TRACKING = """
workspace:
  key: acme
  personal: {phone: drop, email: hash}
tracking:
  - event: order_placed
    description: An order was paid.
    also: [orderPlaced, "Order Placed"]
    properties:
      amount: {type: number, required: true}
      note: {}
  - event: "Page Viewed"
"""


def put(folder: Path, text: str, home: Workspace, now: datetime) -> list[str]:
    (folder / "all.yml").write_text(text)
    document = read(folder, lambda _: known_in(home))
    steps = apply(home, document, by=None, now=now)
    return [f"{step.action} {step.subject}" for step in steps]


def test_a_plan_is_applied_exported_and_the_same(
    acme: Workspace, now: datetime, tmp_path: Path
) -> None:
    tmp_path.joinpath("in").mkdir()
    assert put(tmp_path / "in", TRACKING, acme, now) == [
        "change workspace:acme",
        "create event:order_placed",
        "create event:Page Viewed",
    ]
    acme.refresh_from_db()
    assert acme.personal == {"email": "hash", "phone": "drop"}
    planning.declare(acme, "web_only", properties={"b": {}, "a": {}}, by=None, now=now)
    event = acme.events.get(key="order_placed")
    assert event.also == ["Order Placed", "orderPlaced"]
    assert event.properties == {"amount": {"type": "number", "required": True}, "note": {}}
    assert put(tmp_path / "in", TRACKING, acme, now) == []

    written = write(acme, tmp_path / "out")
    assert [path.name for path in written] == ["workspace.yml", "tracking.yml"]
    assert plan(acme, read(tmp_path / "out", lambda _: known_in(acme))) == []

    without = TRACKING.replace('  - event: "Page Viewed"\n', "")
    assert put(tmp_path / "in", without, acme, now) == ["release event:Page Viewed"]
    for wrong, said in (
        ("number, required", "nmber, required"),
        ("  - event: \"Page Viewed\"", "  - event: order_placed"),
        ("drop, email: hash", "hide"),
    ):  # fmt: skip
        with pytest.raises(HeadwayError):
            put(tmp_path / "in", TRACKING.replace(wrong, said), acme, now)
