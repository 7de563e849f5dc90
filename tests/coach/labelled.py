"""The labelled goals as values: a good goal around each, so that only what is labelled is odd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from headway.coach.review import Goal
from headway.coach.values import (
    Board,
    Days,
    Evidence,
    History,
    KeyResult,
    Kpi,
    Measure,
    Objective,
    TeamCycle,
)

GOALS = Path(__file__).parent / "goals"
CYCLE = Days(date(2026, 10, 1), date(2026, 12, 31))
WEEKS = 13
RETENTION = "capture/retention"
CHAIN = (
    Measure("revenue", "Revenue", outcome="business"),
    Measure("renewals", "Renewals", outcome="product", drives=("revenue",)),
    Measure("sessions", "Sessions", outcome="product"),
)


@dataclass(frozen=True)
class Labelled:
    """`fault` is the code of the one rule that is to speak; empty for a good goal."""

    file: str
    title: str
    fault: str
    goal: Goal


def labelled(folder: Path) -> list[Labelled]:
    return [one for file in sorted(folder.glob("*.yml")) for one in _read(file)]


def _read(file: Path) -> Iterator[Labelled]:
    made = MADE[file.stem]
    for row in YAML(typ="safe", pure=True).load(file.read_text("utf-8")):
        given = {k: None if v == "none" else v for k, v in row.items()}
        fault = given.pop("fault", "")
        yield Labelled(file.stem, given["title"], fault, made(given))


def measure(key: str = "m", **fields: Any) -> Measure:
    return Measure(**{"key": key, "name": f"Measure {key}", "kind": "share", **fields})


def key_result(subject: str = "key_result:o/k", **fields: Any) -> KeyResult:
    good = {"metric": measure(subject), "baseline": 1.0, "target": 2.0}
    good |= {"due": CYCLE.last, "cycle": CYCLE}
    return KeyResult(subject, **{**good, **fields})


def objective(n: int = 0, **fields: Any) -> Objective:
    good = {
        "title": "Effortless start",
        "owner": "ada",
        "team": "Growth",
        "nested": True,
        "supports": 1,
        "key_results": tuple(key_result(f"key_result:o{n}/k{i}") for i in range(3)),
        "guardrails": (measure("g"),),
    }
    return Objective(f"objective:o{n}", **{**good, **fields})


def _objective(row: dict[str, Any]) -> Goal:
    count = row.get("key_results", 3)
    results = [key_result(f"key_result:o/k{i}") for i in range(count)]
    names = row.get("measures", [])
    if names:
        results = [key_result(f"key_result:o/k{n}", metric=measure(n, name=n)) for n in names]
    owner = row.get("owner", "ada") or ""
    return objective(title=row["title"], owner=owner, key_results=tuple(results))


def _key_result(row: dict[str, Any]) -> Goal:
    unit, direction = row.get("unit", ""), row.get("direction", "none")
    metric = measure(name=row["title"], unit=unit, direction=direction)
    if "metric" in row:
        metric = None  # type: ignore[assignment]
    keep, change = row.get("keep") or {}, row.get("change")
    due = row.get("due", CYCLE.last)
    made = key_result(
        title=row["title"],
        metric=metric,
        unit=unit if metric is None else "",
        shape="keep" if keep else "relative" if change else "reach",
        baseline=row.get("from"),
        target=row.get("to"),
        change=change,
        change_in=row.get("change_in", "percent"),
        due=date.fromisoformat(due) if isinstance(due, str) else due,
        **keep,
    )
    left = row.get("weeks_left")
    if made.metric and "led_by" in row:
        made = replace(made, metric=replace(made.metric, led_by=_evidence(row["led_by"])))
    return replace(made, history=_history(row), weeks_left=left)


def _evidence(found: dict[str, dict[str, Any]]) -> tuple[Evidence, ...]:
    """By name: `lag` where it is linked, `weeks` that were compared."""
    return tuple(
        Evidence(name, "lag" in one, one.get("lag", 0), one.get("weeks", 104), business=True)
        for name, one in found.items()
    )


def _history(row: dict[str, Any]) -> History:
    values = tuple(float(v) for v in row.get("history", ()))
    return History(values, values[-1] if values else None, WEEKS, grain="week")


def _set(row: dict[str, Any]) -> Goal:
    if "objectives" in row:
        return _team(row)
    results = _shared(row) if "measures" in row else objective().key_results
    return objective(
        title="Effortless start",
        company=bool(row.get("company")),
        nested=not row.get("company"),
        supports=row.get("linked", 0 if row.get("company") else 1),
        supported=row.get("supported", 0),
        key_results=results,
    )


def _shared(row: dict[str, Any]) -> tuple[KeyResult, ...]:
    one, two = row["measures"]
    first = measure(one, selects=row.get("selects", ""))
    second = measure(two, population=row.get("population", ""))
    return key_result("key_result:o/1", metric=first), key_result("key_result:o/2", metric=second)


def _team(row: dict[str, Any]) -> Goal:
    kinds, outcomes = row.get("kinds", []), row.get("outcomes", [])
    families = row.get("families", [])
    metrics = [measure(f"k{n}", kind=kind) if kind else None for n, kind in enumerate(kinds)]
    drives = tuple(row.get("drives", ()))
    metrics += [measure(f"o{n}", outcome=o, drives=drives) for n, o in enumerate(outcomes)]
    metrics += [measure(f"f{n}", family=f) for n, f in enumerate(families)]
    made = [key_result(f"key_result:o0/k{n}", metric=m) for n, m in enumerate(metrics)]
    objectives = [objective(n) for n in range(row["objectives"])]
    guardrails = (measure("g"),) if row["guardrail"] else ()
    objectives = [replace(o, guardrails=guardrails) for o in objectives]
    if made:
        objectives = [replace(o, key_results=()) for o in objectives]
        objectives[0] = replace(objectives[0], key_results=tuple(made))
    kept = measure("stay", family=RETENTION, health=row.get("retention", "healthy"))
    past = tuple(tuple(map(float, scores)) for scores in row.get("past", ()))
    return TeamCycle("team:t/c", "Growth", "Q4", tuple(objectives), past, (*CHAIN, kept))


def _kpi(row: dict[str, Any]) -> Goal:
    if "board" in row:
        return Board("team:t", "Growth", tuple(f"k{n}" for n in range(row["board"])))
    return Kpi(
        "metric:m",
        measure(
            name=row["title"],
            owner=row["owner"],
            healthy=row["healthy"] in (True, "yes"),
            stale=row.get("stale", ""),
            leads=_evidence(row.get("leads", {})),
            outcome="product",
        ),
        used=bool(row.get("used")),
        business=bool(row.get("business")),
        twins=tuple(row.get("twins", ())),
    )


MADE = {
    "objectives": _objective,
    "key_results": _key_result,
    "measured": _key_result,
    "sets": _set,
    "kpis": _kpi,
}
