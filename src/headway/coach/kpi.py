"""What is said of a KPI, and of how many a team watches."""

from __future__ import annotations

from collections.abc import Iterator

from headway.coach.finding import Rule, Seen, Severity
from headway.coach.values import Board, Kpi

MOST = 10


def _owner(kpi: Kpi) -> Iterator[Seen]:
    if not kpi.measure.owner:
        yield Seen("Nobody owns it.", "owner")


def _range(kpi: Kpi) -> Iterator[Seen]:
    if not kpi.measure.healthy:
        yield Seen("It has no healthy range.", "healthy")


def _loose(kpi: Kpi) -> Iterator[Seen]:
    if not kpi.used and not kpi.business:
        yield Seen("No key result uses it, and it drives no business outcome.", "drives")


def _stale(kpi: Kpi) -> Iterator[Seen]:
    if kpi.measure.stale:
        yield Seen(kpi.measure.stale, "value")


def _twin(kpi: Kpi) -> Iterator[Seen]:
    if kpi.twins:
        yield Seen(f"It measures the same as {', '.join(f'“{t}”' for t in kpi.twins)}.", "kind")


def _crowded(board: Board) -> Iterator[Seen]:
    if (count := len(board.kpis)) > MOST:
        yield Seen(f"{board.team} watches {count} KPIs.", "kpis")


WARNING, THOUGHT = Severity.warning, Severity.information
OF_KPIS = (
    Rule(
        "kpi-no-owner",
        WARNING,
        "No owner",
        "A KPI that nobody owns turns red without anybody doing something.",
        "Name one person who looks at it.",
        _owner,
        absence=True,
    ),
    Rule(
        "kpi-no-range",
        WARNING,
        "No healthy range",
        "Without a range nobody can say whether the value is good.",
        "Give the value that is still healthy: at least, at most or both.",
        _range,
        absence=True,
    ),
    Rule(
        "kpi-loose",
        THOUGHT,
        "Only a metric",
        "What no goal uses and no business outcome rests on may not be key to anything.",
        "Say what it drives, or make it a metric.",
        _loose,
        absence=True,
    ),
    Rule(
        "kpi-stale",
        WARNING,
        "No news",
        "People go on believing an old number.",
        "Look at its source; if it is not needed any more, archive it.",
        _stale,
        absence=True,
    ),
    Rule(
        "kpi-duplicate",
        WARNING,
        "The same as another",
        "Two names for one number make people argue about which is right.",
        "Keep one, and archive the other.",
        _twin,
    ),
)
OF_BOARDS = (
    Rule(
        "kpi-too-many",
        WARNING,
        "More than ten KPIs for a team",
        "Nobody watches more than ten numbers.",
        "Keep those that would make you act; let the others be metrics.",
        _crowded,
    ),
)
