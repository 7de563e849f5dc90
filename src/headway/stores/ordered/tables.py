"""Answers of kernels as the tables that SQL gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa


def stacked(found: Sequence[tuple[Any, ...]], columns: int) -> tuple[Any, ...]:
    """Of (segment, column …) one under the other: the segments, and each column."""
    texts = [same(row[0], len(row[1])) for row in found]
    s = pa.concat_arrays(texts) if texts else same("", 0)
    parts = (np.concatenate([np.zeros(0, np.int64), *(r[i] for r in found)])
             for i in range(1, columns + 1))  # fmt: skip
    return s, *(p.astype(np.int64) for p in parts)


def same(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)
