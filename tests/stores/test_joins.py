"""What is read from parts alone: days and names, who is who, and whose events are whose."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from headway.engine.identity import Claim, Link
from headway.stores.joins import (
    claimed_in,
    first_joined,
    links_in,
    markers_in,
    names_by_day,
    said_in,
)
from headway.stores.parts import ROWS_A_GROUP, PartFile, write_parts

DAY = 86_400_000_000
NOON = 20_500 * DAY + DAY // 2
FIRST, NEXT = date(2026, 2, 16), date(2026, 2, 17)


def part_of(root: Path, **columns: object) -> PartFile:
    at = pa.array(columns.pop("at"), pa.timestamp("us", "UTC"))
    ids = [f"{root.name}{i}" for i in range(len(at))]
    table = pa.table({"message_id": ids, "happened_at": at, **columns})
    return write_parts(root, table, "app", ()).parts[0]


def test_days_and_names_of_a_part_of_several_groups(tmp_path: Path) -> None:
    names = np.repeat(["came", "left", "paid"], ROWS_A_GROUP)
    at = NOON + np.where(names == "left", DAY, 0)
    part = part_of(tmp_path, at=at, event=names, user_id=names)
    assert names_by_day(tmp_path, part) == {(FIRST, "came"), (NEXT, "left"), (FIRST, "paid")}


def test_markers_say_who_is_who_and_what_they_are(tmp_path: Path) -> None:
    part = part_of(
        tmp_path,
        at=[NOON, NOON + 1, NOON + DAY, NOON + DAY],
        event=["$identify", "$alias", "$group", "came"],
        user_id=["u1", "u2", "u3", "u4"],
        **{"p:previous_id": [7, 8, None, 9], "p:plan": [None, None, "pro", "free"],
           "p:size": [2, None, 3, 4]},
    )  # fmt: skip
    markers = markers_in(tmp_path, [part])
    assert markers.num_rows == 3
    assert links_in(markers) == [Link(NOON + 1, "8", "u2", True), Link(NOON, "7", "u1", False)]
    assert said_in(markers) == {"p:plan": NEXT, "p:size": FIRST}
    assert links_in(markers_in(tmp_path, [])) == []
    assert first_joined(markers) is None
    joined = part_of(
        tmp_path, at=[NOON + DAY, NOON, NOON], event=["$group", "$group", "came"],
        user_id=["u", None, "u"], account_id=["a", "b", "c"],
    )  # fmt: skip
    assert first_joined(markers_in(tmp_path, [part, joined])) == NEXT
    (tmp_path / joined.path).unlink()
    assert first_joined(markers_in(tmp_path, [joined])) == NEXT, "parts are read once"


def test_events_under_a_claim(tmp_path: Path) -> None:
    at = [NOON, NOON + DAY, NOON + 2 * DAY, NOON + DAY]
    part = part_of(tmp_path, at=at, event=["a", "b", "c", "d"], user_id=["x", "x", "x", "y"])
    claims = [Claim("x", NOON, NOON + DAY, "u"), Claim("z", 0, 2**62, "u")]
    assert claimed_in(tmp_path, part, claims) == {(NEXT, "b")}
    assert claimed_in(tmp_path, part, []) == set()
    assert datetime.fromtimestamp(NOON / 1e6, UTC).date() == FIRST
