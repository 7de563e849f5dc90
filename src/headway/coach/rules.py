"""Every rule of the coach, by what it looks at."""

from __future__ import annotations

from headway.coach import key_result, kpi, links, measured, objective, together
from headway.coach.finding import Rule
from headway.coach.values import Board, KeyResult, Kpi, Objective, TeamCycle

OBJECTIVE_RULES = (*objective.RULES, *together.OF_OBJECTIVES)
KEY_RESULT_RULES = (*key_result.RULES, *measured.RULES, *links.OF_KEY_RESULTS)
TEAM_RULES = together.OF_TEAMS
KPI_RULES = (*kpi.OF_KPIS, *links.OF_KPIS)
BOARD_RULES = kpi.OF_BOARDS

RULES: dict[type, tuple[Rule, ...]] = {
    Objective: OBJECTIVE_RULES,
    KeyResult: KEY_RESULT_RULES,
    TeamCycle: TEAM_RULES,
    Kpi: KPI_RULES,
    Board: BOARD_RULES,
}
BY_CODE = {rule.code: rule for rules in RULES.values() for rule in rules}
FAMILIES = {
    "Objectives": objective.RULES,
    "Key results": KEY_RESULT_RULES,
    "Goals together": (*TEAM_RULES, *together.OF_OBJECTIVES),
    "KPIs": (*KPI_RULES, *BOARD_RULES),
}
"""As documents list them."""
