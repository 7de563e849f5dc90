"""Surveys and uptime checks over HTTP, as files write them."""

from __future__ import annotations

from headway.metrics.models import Metric
from tests.api.conftest import Api

PULSE = {
    "kind": "nps",
    "source": "app",
    "share": 0.5,
    "texts": {"en": {"question": "Would you recommend us?"}},
}
HOME = {"source": "app", "url": "https://example.org", "every": "15 minutes"}


def test_a_survey_from_making_to_a_kpi(api: Api) -> None:
    api("PUT", "/sources/app", {})
    made = api("PUT", "/surveys/pulse", PULSE)
    assert {n: v for n, v in made.items() if n not in ("state", "key")} == PULSE
    assert made["state"]["shown"] == 0
    assert api("GET", "/surveys") == [made]
    assert api("PUT", "/surveys/pulse", made) == made
    assert api("POST", "/surveys/pulse/kpi") == {"metrics": ["nps_pulse"]}
    assert Metric.objects.get().name == "Net promoter score: pulse"
    found = api("GET", "/surveys/pulse/results?days=7")
    assert (found["answered"], found["score"], found["comments"]) == (0, None, [])
    wrong = api("PUT", "/surveys/pulse", PULSE | {"texts": {}}, status=422)
    assert "texts" in wrong["problems"][0]
    lost = api("PUT", "/surveys/pulse", PULSE | {"source": "ap"}, status=422)
    assert "`app`" in str(lost)
    api("DELETE", "/surveys/pulse", status=204)
    assert api("GET", "/surveys") == []
    api("POST", "/surveys/pulse/restore")
    assert len(api("GET", "/surveys")) == 1


def test_a_check_is_for_admins_to_make_and_for_all_to_read(api: Api, admins: Api) -> None:
    api("PUT", "/sources/app", {})
    assert "an admin" in api("PUT", "/checks/home", HOME, status=403)["fix"]
    made = admins("PUT", "/checks/home", HOME)
    assert {n: v for n, v in made.items() if n not in ("state", "key")} == HOME
    assert made["state"]["state"] == "not looked at yet"
    assert api("GET", "/checks/home") == made
    assert api("GET", "/checks/home/outages") == []
    assert api("POST", "/checks/home/kpis")["metrics"] == ["availability_home", "latency_p95_home"]
    assert api("POST", "/checks/home/look", status=202) is None
    assert "http" in str(admins("PUT", "/checks/home", HOME | {"url": "file:///x"}, status=422))
    api("DELETE", "/checks/home", status=403)
    admins("DELETE", "/checks/home", status=204)
    admins("POST", "/checks/home/restore")
