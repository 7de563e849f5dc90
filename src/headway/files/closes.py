"""Closes as a document writes them: the answers, and once they are closed, the frozen numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from headway.accounts.models import Workspace
from headway.engine.errors import Conflict
from headway.files.document import Close, ClosedKeyResult, ClosedObjective, Frozen
from headway.goals import models as goals
from headway.goals.close.closing import objectives_of, parts_of
from headway.goals.close.retelling import Told, ToldObjective

Fields = dict[str, Any]
RESULT = {
    "score": "score",
    "status": "status",
    "baseline": "baseline",
    "target": "aim",
    "value": "value",
    "value_through": "value_through",
    "progress": "progress",
    "reason": "said",
    "definition": "definition_version",
    "as_of": "as_of",
    "provisional_until": "provisional_until",
}
"""What is frozen of a key result: its name in a document → its column."""

WHOLE = {
    "score": "score",
    "status": "status",
    "unknown": "unknown_count",
    "aspirational": "aspirational",
}
"""What is frozen of an objective."""

NO_UNKNOWN = ("unknown", 0)
ANSWERS = ("choice", "reason", "target", "at_least", "at_most")
CLOSED = "`headway close CYCLE TEAM --reopen REASON`, or the web, opens it again."


def wanted(item: Close) -> Fields:
    """As a document asks for it, in one spelling."""
    return _given(
        {
            "team": item.team,
            "cycle": item.cycle,
            "learnt": item.learnt,
            "closed": item.closed,
            "by": item.by.lower() if item.by else None,
            "objectives": [_plain(one) for one in item.objectives],
        }
    )


def kept(workspace: Workspace) -> Iterator[tuple[str, Fields]]:
    """Of goals that are not archived, as those are no part of a document."""
    rows = goals.Close.objects.filter(team__workspace=workspace)
    rows = rows.select_related("team", "cycle", "by")
    for close in rows.order_by("cycle__starts", "cycle__key", "team__key"):
        yield f"{close.cycle.key}/{close.team.key}", _close(close)


def refuse_changes(key: str, before: Fields, after: Fields) -> None:
    """Raises Conflict where a document would have a closed cycle otherwise than it was closed."""
    if "closed" not in before or (place := _difference(before, after)) is None:
        return
    raise Conflict(
        f"`{key}` is closed and never changes; the document has another `{place}`.",
        where=f"closes, `{key}`",
        fix=f"Export again to have it as it was closed. {CLOSED}",
    )


def settled(after: Fields, before: Fields) -> Fields:
    """Numbers that were provisional when they were written become what was measured since."""
    there = {one["key"]: one for one in before.get("objectives", [])}
    found = [
        _settled(one, there[one["key"]]) if one["key"] in there else one
        for one in after.get("objectives", [])
    ]
    return {**after, "objectives": found} if found else after


def _settled(after: Fields, before: Fields) -> Fields:
    there = {one["key"]: one for one in before.get("key_results", [])}
    waiting = [k for k in after.get("key_results", []) if _is_provisional(k) and k["key"] in there]
    if not waiting:
        return after
    frozen = {k["key"]: there[k["key"]].get("frozen") for k in waiting}
    results = [{**k, "frozen": frozen.get(k["key"], k.get("frozen"))} for k in after["key_results"]]
    return {**after, "frozen": before.get("frozen"), "key_results": results}


def _is_provisional(fields: Fields) -> bool:
    return "provisional_until" in (fields.get("frozen") or {})


def _difference(before: Fields, after: Fields) -> str | None:
    names = dict.fromkeys([*before, *after])
    return next((name for name in names if before.get(name) != after.get(name)), None)


def _close(close: goals.Close) -> Fields:
    done = close.closed_at is not None
    rows = [row for row in objectives_of(close) if row.objective.archived_at is None]
    return _given(
        {
            "team": close.team.key,
            "cycle": close.cycle.key,
            "learnt": close.learnt,
            "closed": close.closed_at,
            "by": close.by.email if close.by and done else None,
            "objectives": [_objective(row, done) for row in rows],
        }
    )


def _objective(row: goals.ClosedObjective, done: bool) -> Fields:
    parts = [part for part in parts_of(row) if part.key_result.archived_at is None]
    return _given(
        {
            "key": row.objective.key,
            "learnt": row.learnt,
            **_score(row),
            "key_results": [_key_result(part, done) for part in parts],
            "frozen": _frozen(row, WHOLE) if done else None,
        }
    )


def _key_result(row: goals.ClosedKeyResult, done: bool) -> Fields:
    return _given(
        {
            "key": row.key_result.key,
            **{name: getattr(row, name) for name in ANSWERS},
            **_score(row),
            "frozen": _frozen(row, RESULT) if done else None,
        }
    )


def _score(row: goals.ClosedObjective | goals.ClosedKeyResult) -> Fields:
    return {"score": row.score_given, "score_reason": row.score_reason}


def _frozen(row: goals.ClosedObjective | goals.ClosedKeyResult, columns: dict[str, str]) -> Fields:
    return _given({name: getattr(row, column) for name, column in columns.items()})


def _plain(item: Any) -> Fields:
    found = {name: getattr(item, name) for name in item.__struct_fields__}
    return _given({name: _nested(value) for name, value in found.items()})


def _nested(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return _plain(value) if hasattr(value, "__struct_fields__") else value


def _given(fields: Fields) -> Fields:
    """Without what is empty; moments in one spelling, and whole numbers too."""
    found = {name: _spelled(value) for name, value in fields.items()}
    return {
        name: value
        for name, value in found.items()
        if value not in (None, "", [], {}) and value is not False and (name, value) != NO_UNKNOWN
    }


def _spelled(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return str(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def told(item: Close, workspace: Workspace) -> Told:
    """As `goals.retelling` takes it; whoever closed it and is no member here stays unnamed."""
    member = workspace.members.filter(person__email=(item.by or "").lower()).first()
    return Told(
        item.learnt,
        item.closed,
        member.person if member else None,
        {one.key: _told(one) for one in item.objectives},
    )


def _told(item: ClosedObjective) -> ToldObjective:
    answers: Any = {
        **_answered(item, ("learnt", "score", "score_reason")),
        "key_results": {
            one.key: _answered(one, (*ANSWERS, "score", "score_reason")) for one in item.key_results
        },
    }
    results = {one.key: _columns(one.frozen, RESULT) for one in item.key_results}
    return ToldObjective(answers, _columns(item.frozen, WHOLE), results)


def _answered(item: ClosedObjective | ClosedKeyResult, names: Iterable[str]) -> Fields:
    return {name: getattr(item, name) for name in names}


def _columns(frozen: Frozen | None, columns: Mapping[str, str]) -> Fields:
    said = frozen or Frozen()
    return {column: getattr(said, name) for name, column in columns.items()}
