"""Objectives and key results as rows: numbers for scripts, words for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headway.charts import formats
from headway.cli.output import Row, marked
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.goals.models import KeyResult, Objective

LAYOUT = Layout(
    right=("baseline", "now", "target", "progress", "chance"),
    cuts=("title",),
    flows=("title", "reason"),
    spare=("team", "baseline", "chance"),
)
STATUS = {
    "missed": ("missed", "✗", "red"),
    "at_risk": ("at risk", "▲", "red"),
    "behind": ("behind", "◐", "yellow"),
    "unknown": ("unknown", "?", "bright_black"),
    "not_started": ("not started", "○", "bright_black"),
    "on_track": ("on track", "●", "green"),
    "achieved_aspirational": ("aspirational", "✓", "green"),
    "achieved": ("achieved", "✓", "green"),
}


def numbers(objective: Objective) -> list[Row]:
    """The objective and its key results, keyed `objective` and `objective/key-result`."""
    head = {
        "key": objective.key,
        "title": objective.title,
        "cycle": objective.cycle.key,
        "team": objective.team.key,
        **dict.fromkeys(("baseline", "now", "target")),
        "unit": "",
        "progress": objective.progress,
        "chance": None,
        "status": objective.status,
        "due": objective.cycle.ends,
        "owner": str(objective.owner or ""),
        "reason": "",
    }
    return [head, *(key_result_numbers(objective, kr) for kr in _active(objective))]


def key_result_numbers(objective: Objective, key_result: KeyResult) -> Row:
    return {
        "key": f"{objective.key}/{key_result.key}",
        "title": str(key_result),
        "cycle": key_result.cycle.key,
        "team": objective.team.key,
        "baseline": key_result.baseline,
        "now": key_result.value,
        "target": key_result.aim,
        "unit": unit_of(key_result),
        "progress": key_result.progress,
        "chance": key_result.chance,
        "status": key_result.status,
        "due": key_result.due,
        "owner": str(key_result.owner or ""),
        "reason": key_result.reason,
    }


def words(objective: Objective, currency: str) -> list[Row]:
    units = ["", *(unit_of(kr) for kr in _active(objective))]
    rows = zip(numbers(objective), units, strict=True)
    return [_in_words(row, unit, currency) for row, unit in rows]


def status_words(status: str) -> str:
    return marked(*STATUS[status])


def unit_of(key_result: KeyResult) -> str:
    return key_result.metric.unit if key_result.metric else key_result.unit


def _active(objective: Objective) -> list[KeyResult]:
    return [kr for kr in objective.key_results.all() if kr.archived_at is None]


def _in_words(row: Row, unit: str, currency: str) -> Row:
    """The team stands beside the objective only: its key results have it from there."""
    from headway.goals.ahead.words import percent

    part = "/" in row["key"]
    return {
        "key": f"  {row['key']}" if part else row["key"],
        "title": row["title"],
        "team": "" if part else row["team"],
        **{name: _amount(row[name], unit, currency) for name in ("baseline", "now", "target")},
        "progress": _amount(row["progress"], "percent", currency),
        "chance": "" if row["chance"] is None else percent(row["chance"]),
        "status": status_words(row["status"]),
    }


def _amount(amount: float | None, unit: str, currency: str) -> str:
    return "" if amount is None else formats.value(amount, unit, currency)
