"""The bare scan: person, time and name of every event are read once; nothing is made of them."""

from __future__ import annotations

import duckdb

from bench.board import Answers
from bench.clock import Clock
from bench.data import Data


def run(data: Data, clock: Clock) -> Answers:
    base = duckdb.connect()
    with clock.lap("board", "scan"):
        base.execute(
            """SELECT BIT_XOR(HASH(user_id)), MAX(EPOCH_US(happened_at)), BIT_XOR(HASH(event))
            FROM read_parquet($files)""",
            {"files": data.files},
        ).fetchall()
    return {}
