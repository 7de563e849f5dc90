"""What the coach says over the API."""

from __future__ import annotations

from headway.coach.rules import BY_CODE
from headway.goals.models import Objective
from tests.api.conftest import Api


def codes(answer: dict[str, list[dict[str, str]]], part: str = "findings") -> list[str]:
    return [f["code"] for f in answer[part]]


def test_findings_of_the_workspace_and_of_an_objective(goals: Api) -> None:
    found = goals("GET", "/coach")
    by_code = {f["code"]: f for f in found["findings"]}
    assert by_code["objective-owner"]["where"] == "objective:start"
    assert by_code["key-result-no-source"]["where"] == "key_result:start/partners"
    assert by_code["set-no-guardrail"]["where"] == "team:growth/q4"
    one = goals("GET", "/coach/objectives/start")
    assert codes(one) == ["objective-owner", "key-result-no-source"]
    assert one["findings"][0].keys() == {
        "code", "severity", "saw", "why", "fix", "where", "field",
    }  # fmt: skip
    goals("GET", "/coach/objectives/strat", status=404)


def test_waiving_and_taking_up(goals: Api) -> None:
    address = "/coach/objectives/start/key-results/partners/waivers/key-result-no-source"
    made = goals("PUT", address, {"reason": "No system knows them."})
    assert (made["reason"], made["by"]) == ("No system knows them.", "member@acme.example")
    one = goals("GET", "/coach/objectives/start")
    assert codes(one) == ["objective-owner"]
    assert codes(one, "waived") == ["key-result-no-source"]
    shown = goals("GET", "/objectives/start/key-results/partners")
    assert shown["waived"] == {"key-result-no-source": "No system knows them."}
    goals("DELETE", address, status=204)
    goals("DELETE", address, status=404)
    assert "key-result-no-source" in codes(goals("GET", "/coach/objectives/start"))
    own = "/coach/objectives/start/waivers/objective-owner"
    assert "reason" in goals("PUT", own, {"reason": " "}, status=422)["message"]
    goals("PUT", own, {"reason": "All of us."})
    assert codes(goals("GET", "/coach/objectives/start"), "waived") == ["objective-owner"]


def test_waiving_of_a_kpi(goals: Api) -> None:
    goals("PUT", "/metrics/nps", {"kind": "manual", "level": "kpi", "direction": "up"})
    assert "kpi-no-range" in [f["code"] for f in _of(goals, "metric:nps")]
    address = "/coach/kpis/nps/waivers/kpi-no-range"
    made = goals("PUT", address, {"reason": "No range fits."})
    assert made == {"code": "kpi-no-range", "reason": "No range fits."}
    assert "kpi-no-range" not in [f["code"] for f in _of(goals, "metric:nps")]
    assert goals("GET", "/metrics/nps")["waived"] == {"kpi-no-range": "No range fits."}
    goals("PUT", address.replace("kpi-no-range", "key-result-vanity"), {"reason": "x"}, status=422)
    goals("DELETE", address, status=204)
    goals("DELETE", address, status=404)
    assert "kpi-no-range" in [f["code"] for f in _of(goals, "metric:nps")]


def _of(goals: Api, where: str) -> list[dict[str, str]]:
    return [f for f in goals("GET", "/coach")["findings"] if f["where"] == where]


def test_a_rule_is_off(goals: Api, admins: Api) -> None:
    rules = goals("GET", "/coach/rules")
    assert {r["code"] for r in rules} == set(BY_CODE)
    assert all(r["on"] for r in rules)
    admins("PATCH", "", {"coach_off": ["objective-owner"]})
    assert "objective-owner" not in codes(goals("GET", "/coach"))
    assert [r["code"] for r in goals("GET", "/coach/rules") if not r["on"]] == ["objective-owner"]


def test_a_draft_is_not_saved(goals: Api) -> None:
    draft = {
        "title": "Launch the app",
        "key_results": [
            {"title": "Page views", "metric": "orders", "from": 10, "to": 20},
            {"title": "Happier shops"},
            {"title": "Raise NPS to 50 and cut churn to 2 %", "to": "50", "from": 40},
        ],
    }
    answer = goals("POST", "/coach/draft", draft)
    found = {(f["where"], f["code"]) for f in answer["findings"]}
    assert ("objective:draft", "objective-output") in found
    assert ("key_result:draft/1", "key-result-vanity") in found
    assert ("key_result:draft/2", "key-result-no-number") in found
    assert ("key_result:draft/3", "key-result-two-results") in found
    assert Objective.objects.count() == 1
    assert "objective-empty" in codes(goals("POST", "/coach/draft", {}))


def test_a_draft_that_cannot_be_read_says_why(goals: Api) -> None:
    for body in (
        {"title": 5},
        {"key_results": [{"to": "ten", "title": "A"}]},
        {"key_results": [3]},
    ):
        assert goals("POST", "/coach/draft", body, status=422)["message"]
    missing = {"key_results": [{"metric": "oders", "to": 3}]}
    assert "`orders`" in goals("POST", "/coach/draft", missing, status=404)["fix"]
    assert goals("POST", "/coach/draft?cycle=q44", {}, status=404)["fix"] == "Did you mean `q4`?"
