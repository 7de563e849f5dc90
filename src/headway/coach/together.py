"""What is said of all that a team set itself for a cycle, and of objectives among each other."""

from __future__ import annotations

from collections.abc import Iterator

from headway.coach.finding import Rule, Seen, Severity
from headway.coach.values import Measure, Objective, TeamCycle

ENOUGH, MOST = 4, 5
QUANTITIES = frozenset(["count", "sum", "unique", "stock", "movement", "lifecycle"])
FULL, CLOSED = 1.0, 2
TOP = ("capture/awareness", "capture/interest", "capture/acquisition")
RETENTION = "capture/retention"


def _too_many(team: TeamCycle) -> Iterator[Seen]:
    if (count := len(team.objectives)) > MOST:
        yield Seen(f"{team.team} has {count} objectives in {team.cycle}.", "objectives")


def _many(team: TeamCycle) -> Iterator[Seen]:
    if ENOUGH <= (count := len(team.objectives)) <= MOST:
        yield Seen(f"{team.team} has {count} objectives in {team.cycle}.", "objectives")


def _no_guardrail(team: TeamCycle) -> Iterator[Seen]:
    if team.objectives and not any(o.guardrails for o in team.objectives):
        yield Seen(
            f"None of the objectives of {team.team} in {team.cycle} has a guardrail.", "guardrails"
        )


def _quantity_only(team: TeamCycle) -> Iterator[Seen]:
    measures = _measures(team)
    if (
        len(measures) >= 2
        and len(measures) == len(team.key_results)
        and all(map(_is_quantity, measures))
    ):
        names = ", ".join(m.name for m in measures[:3])
        yield Seen(f"All {len(measures)} key results count how much: {names}.", "key_results")


def _is_quantity(measure: Measure) -> bool:
    return measure.kind in QUANTITIES and measure.unit not in ("percent", "ratio", "score")


def _no_business(team: TeamCycle) -> Iterator[Seen]:
    known = {m.key: m for m in team.kpis}
    measures = _measures(team)
    if not measures or any(m.outcome == "business" for m in measures):
        return
    loose = [m for m in measures if m.outcome == "product" and not _drives_business(m, known)]
    if loose and len(loose) == len([m for m in measures if m.outcome == "product"]):
        names = ", ".join(dict.fromkeys(m.name for m in loose))
        yield Seen(f"No business outcome is named behind {names}.", "key_results")


def _drives_business(measure: Measure, known: dict[str, Measure]) -> bool:
    """Along the chain of what drives what."""
    seen, waiting = {measure.key}, [*measure.drives]
    while waiting:
        found = known.get(waiting.pop())
        if found is None or found.key in seen:
            continue
        if found.outcome == "business":
            return True
        seen.add(found.key)
        waiting += found.drives
    return False


def _leaking(team: TeamCycle) -> Iterator[Seen]:
    measures = _measures(team)
    above = [m for m in measures if m.family in TOP]
    tended = any(m.family == RETENTION for m in measures)
    ill = [m for m in team.kpis if m.family == RETENTION and m.health == "out of range"]
    if above and ill and not tended:
        yield Seen(
            f"{above[0].name} fills the top of the funnel while {ill[0].name} is out of its "
            "healthy range.",
            "key_results",
        )


def _always_full(team: TeamCycle) -> Iterator[Seen]:
    closed = team.past[:CLOSED]
    if len(closed) == CLOSED and all(c and all(s >= FULL for s in c) for c in closed):
        count = sum(map(len, closed))
        yield Seen(
            f"All {count} key results of the last two cycles were reached in full.", "objectives"
        )


def _supports_nothing(objective: Objective) -> Iterator[Seen]:
    if objective.nested and not objective.supports:
        yield Seen("It supports no other objective.", "supports")


def _unsupported(objective: Objective) -> Iterator[Seen]:
    if objective.company and not objective.supported:
        yield Seen("It is an objective of the whole company, and none supports it.", "supports")


def _measures(team: TeamCycle) -> list[Measure]:
    return [k.metric for k in team.key_results if k.metric]


WARNING, THOUGHT = Severity.warning, Severity.information
OF_TEAMS = (
    Rule(
        "set-too-many-objectives",
        WARNING,
        "More than five objectives",
        "Whoever has six priorities has none.",
        "Choose the three that matter most; the others can wait for the next cycle.",
        _too_many,
    ),
    Rule(
        "set-many-objectives",
        THOUGHT,
        "Four or five objectives",
        "Most teams keep three in mind.",
        "Ask which one you would drop first, and whether you miss it.",
        _many,
    ),
    Rule(
        "set-no-guardrail",
        THOUGHT,
        "No guardrail",
        "A goal can be reached by harming something that nobody looks at.",
        "Choose a KPI that must not suffer, such as quality beside speed.",
        _no_guardrail,
    ),
    Rule(
        "set-no-quality",
        WARNING,
        "All quantity, no quality",
        "More is easy to get when nobody asks how good it is.",
        "Add a share, a score or a time that says how good it is.",
        _quantity_only,
    ),
    Rule(
        "set-no-business-outcome",
        WARNING,
        "No business outcome behind a product outcome",
        "Nobody can tell what the company gets when customers get what they want.",
        "Name on the metric which business outcome it drives, or add it as a key result.",
        _no_business,
    ),
    Rule(
        "set-leaking-funnel",
        WARNING,
        "Top of the funnel while retention is unhealthy",
        "Who comes in at the top leaves at the bottom: mend the bottom first.",
        "Make retention a goal before more people are won.",
        _leaking,
    ),
    Rule(
        "set-always-full",
        WARNING,
        "Every goal at 100 % for two cycles",
        "Goals that are always reached were known before; nobody learns from them.",
        "Set bolder ones, and call those aspirational of which 70 % is a success.",
        _always_full,
    ),
)
OF_OBJECTIVES = (
    Rule(
        "set-supports-nothing",
        THOUGHT,
        "Supports nothing above",
        "It may be right to stand alone; then it is good to know.",
        "Link the objective that it helps, if there is one.",
        _supports_nothing,
        absence=True,
    ),
    Rule(
        "set-unsupported",
        THOUGHT,
        "A company objective that nothing supports",
        "No team says that it works for it.",
        "Ask which team's objective helps it, or whether it is still meant.",
        _unsupported,
        absence=True,
    ),
)
