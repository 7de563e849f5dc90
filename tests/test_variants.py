"""`headway.arms`: from a file of events to published numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import headway
from headway.engine.errors import DefinitionError
from tests.goals.trials import Shop, noon

METRICS = [
    {"key": "buyers", "kind": "unique", "event": "bought"},
    {"key": "spent", "kind": "sum", "event": "bought", "property": "amount"},
]
VIEWED = {
    "assigned": {"event": "viewed"}, "variant": "variant", "control": "A", "metric": "buyers",
    "starts": "2026-03-02", "split": {"A": 1, "B": 1},
}  # fmt: skip
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def events(
    names: list[str], variants: list[str | None], amounts: list[float | None], users: list[str]
):
    """All in one hour, everybody assigned before they buy."""
    count = len(names)
    hours = [AT + timedelta(minutes=30 * (name == "bought")) for name in names]
    return pa.table(
        {
            "message_id": [f"m{i}" for i in range(count)],
            "event": names, "happened_at": pa.array(hours, pa.timestamp("us", "UTC")),
            "user_id": users, "variant": variants,
            "amount": pa.array(amounts, pa.float64()),
        }
    )  # fmt: skip


@pytest.mark.slow
def test_a_published_share_through_the_engine() -> None:
    """17,489 of 145,274 against 17,264 of 145,310: z = −1.311."""
    names: list[str] = []
    variants: list[str | None] = []
    users: list[str] = []
    for variant, total, bought in (("A", 145_274, 17_489), ("B", 145_310, 17_264)):
        mine = [f"{variant}{i}" for i in range(total)]
        names += ["viewed"] * total + ["bought"] * bought
        variants += [*[variant] * total, *[None] * bought]
        users += [*mine, *mine[:bought]]
    table = events(names, variants, [None] * len(names), users)
    found = headway.arms(METRICS, table, assignment=VIEWED, as_of=noon(date(2026, 3, 4)))
    assert [(t.n, t.x) for t in found.tallies.values()] == [(145_274, 17_489), (145_310, 17_264)]
    read = headway.experiment(found.tallies, measure=found.measure, shares=found.shares)
    assert read.results[0].found is not None
    assert read.results[0].found.z == pytest.approx(-1.311, abs=5e-4)
    assert read.split.fair


def test_a_published_mean_through_the_engine() -> None:
    """n, Σ and Σ² of a public revenue test: a difference of 0.29, from 0.045 to 0.535."""
    names: list[str] = []
    variants: list[str | None] = []
    users: list[str] = []
    amounts: list[float | None] = []
    for variant, n, total, squares in (
        ("A", 3407, 1396.87, 52377.9767),
        ("B", 3461, 2422.7, 134698.29),
    ):
        spent = with_sums(n, total, squares)
        mine = [f"{variant}{i}" for i in range(n)]
        payers = [u for u, amount in zip(mine, spent, strict=True) if amount]
        names += ["viewed"] * n + ["bought"] * len(payers)
        variants += [*[variant] * n, *[None] * len(payers)]
        users += mine + payers
        amounts += [*[None] * n, *[a for a in spent if a]]
    table = events(names, variants, amounts, users)
    found = headway.arms(
        METRICS, table, assignment={**VIEWED, "metric": "spent"}, as_of=noon(date(2026, 3, 4))
    )
    assert found.measure == "mean"
    assert found.tallies["B"].xx == pytest.approx(134698.29)
    read = headway.experiment(found.tallies, measure=found.measure)
    contrast = read.results[0].found
    assert contrast is not None
    assert contrast.difference == pytest.approx(0.29, abs=5e-4)
    assert (contrast.low, contrast.high) == pytest.approx((0.045, 0.535), abs=5e-4)
    assert contrast.p == pytest.approx(0.0202, abs=5e-5)


def with_sums(n: int, total: float, squares: float) -> list[float]:
    """Two amounts, and nothing for most, with exactly these sums."""
    k = 60
    mean, power = total / k, squares / k
    spread = float(np.sqrt(power - mean * mean))
    return [mean + spread, mean - spread] * (k // 2) + [0.0] * (n - k)


def test_from_a_file_with_its_experiment(tmp_path: Path) -> None:
    path = Shop(effect=0.13, seed=4, both=5).write(tmp_path / "shop.parquet")
    file = tmp_path / "metrics.yml"
    file.write_text(
        "metrics:\n"
        "  - {key: payers, kind: unique, event: paid}\n"
        "  - {key: complaints, kind: count, event: complained, direction: down}\n"
        "outputs:\n"
        "  - key: checkout\n"
        "    experiment:\n"
        "      {assigned: {event: viewed}, variant: variant, control: A, metric: payers,\n"
        "       starts: 2026-03-02, ends: 2026-03-15, guardrails: [{metric: complaints}]}\n"
    )
    found = headway.arms(file, path, assignment="checkout", as_of=noon(date(2026, 3, 20)))
    assert (list(found.tallies), found.mixed) == (["A", "B"], 5)
    assert sum(t.n for t in found.tallies.values()) == 14 * 150 - 5
    read = headway.experiment(
        found.tallies, measure=found.measure, shares=found.shares, guardrails=found.guardrails
    )
    assert read.winners == ("B",)
    with pytest.raises(DefinitionError, match="Did you mean `checkout`"):
        headway.arms(file, path, assignment="chekout")
    with pytest.raises(DefinitionError, match="no metric `spent`"):
        headway.arms(file, path, assignment={**VIEWED, "metric": "spent"})
