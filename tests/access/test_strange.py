"""What nobody types by accident: it is answered in words, and breaks no page."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from headway.accounts import actions
from headway.accounts.models import Workspace
from headway.goals.models import Cycle
from headway.goals.refresh import refresh as reckon
from headway.ingest.actions import import_events
from headway.metrics.refresh import refresh
from tests.access.worlds import NOW, World, build

pytestmark = pytest.mark.django_db

LONG, HUGE = "9" * 40, "9" * 5000
ADDRESSES = [
    *(f"/alerts/{LONG}", f"/settings/people/{LONG}", f"/sources/yak/rejects/{LONG}"),
    *(f"/kpis?page={HUGE}", "/kpis?page=²", "/kpis?page=-1", "/settings/members?page=0"),
    *(f"/surveys/yak?days={HUGE}", "/surveys/yak?days=²", f"/outcomes/launches?days={LONG}"),
    *("/kpis/yak/week/9999-12-31", "/kpis/yak/year/9999-12-31", "/kpis/yak/week/0001-01-01"),
    *("/kpis/yak/drivers?from=9999-12-31&to=0001-01-01", "/kpis/yak?start=0001-01-01"),
    *("/?cycle=%00", "/search?q=%00", "/search?q=%ED%A0%80", f"/search?q={'a' * 8000}"),
    *("/kpis/yak?segment=%00", "/kpis/yak?segment='\";--", "/tracking/event?event=%00"),
    *("/share?of=%00", "/share?of=//evil.example", "/share?of=../zebra/objectives/zebra"),
    *("/settings/people?id=%00", "/kpis/yak/promote?target=1e400", "/kpis/new?q=%00"),
]
CALLS = [
    *("/metrics/yak/drivers?from=9999-12-31", "/metrics/yak/evidence?start=9999-12-31&grain=week"),
    *("/metrics/yak/turns?since=0001-01-01", "/metrics/yak/points?segment_by=%00"),
    *(f"/changes?limit={LONG}", f"/alerts/{LONG}", f"/surveys/yak/results?days={LONG}"),
]


@pytest.fixture
def yak(db: None) -> World:
    return build("yak")


def test_no_address_breaks_a_page(yak: World) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(yak.admin.person)  # type: ignore[arg-type]
    found = {path: client.get(f"/yak{path}").status_code for path in ADDRESSES}
    assert {path: status for path, status in found.items() if status >= 500} == {}
    found = {path: yak.api.ask("GET", path).status_code for path in CALLS}
    assert {path: status for path, status in found.items() if status >= 500} == {}
    for number in ("²", HUGE, "x"):
        posts = ("members", "tokens", "links")
        posted = {"do": "revoke", "id": number}
        assert {client.post(f"/yak/settings/{p}", posted).status_code for p in posts} == {404}


def test_numbers_and_days_beyond_all_measure_are_refused(yak: World) -> None:
    api = yak.api
    place = "/objectives/yak/key-results"
    said = api("PUT", f"{place}/big", {"metric": "yak", "from": 1e308, "to": -1e308}, status=422)
    assert "is not" in str(said), said
    entry = {"day": "2026-11-01", "value": 1e308}
    assert "larger unit" in api("POST", "/metrics/yak_typed/entries", entry, status=422)["fix"]
    entry = {"day": "0001-01-01", "value": 1}
    assert "before 1970" in api("POST", "/metrics/yak_typed/entries", entry, status=422)["message"]
    said = api("PUT", "/cycles/far", {"starts": "1971-01-01", "ends": "2199-12-31"}, status=422)
    assert "ten years" in str(said)
    assert not Cycle.objects.filter(key="far").exists()


def test_an_impossible_number_in_an_event_stops_nothing(yak: World) -> None:
    """Whoever has a write key, which browsers show to anybody, may send one."""
    api, home = yak.api, yak.workspace
    rows = ["event,happened_at,user_id,amount"]
    rows += [f"paid,2026-11-1{n}T09:00:00Z,u{n},{'1e40' if n > 3 else 5}" for n in range(9)]
    path = settings.DATA / "paid.csv"
    path.write_text("\n".join(rows))
    import_events(home.sources.get(), path, by=None, now=NOW)
    paid = {"kind": "sum", "event": "paid", "property": "amount", "level": "kpi", "name": "Paid"}
    api("PUT", "/metrics/paid", paid)
    goal = {"metric": "paid", "from": 1, "to": 9, "title": "More"}
    api("PUT", "/objectives/yak/key-results/paid", goal)
    assert refresh(home, now=NOW).problems == {}
    reckon(home, now=NOW)
    found = {
        p.start.isoformat(): p for p in home.metrics.get(key="paid").points.filter(grain="day")
    }
    assert (found["2026-11-12"].value, found["2026-11-15"].value) == (5, None)
    assert "beyond every number" in found["2026-11-15"].reason
    client = Client()
    client.force_login(yak.admin.person)  # type: ignore[arg-type]
    for path in ("", "kpis", "kpis/paid", "objectives/yak", "objectives/yak/paid", "boards"):
        assert client.get(f"/yak/{path}").status_code == 200, path


def test_a_page_that_fails_says_a_number_and_nothing_of_its_inside(
    acme: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr("headway.web.pages.workspaces.render", broken)
    client = Client(raise_request_exception=False)
    client.force_login(actions.create_person("a@x.example", None))  # type: ignore[arg-type]
    answer = client.get("/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Something went wrong" in page
    assert "secret" not in page
    number = page.partition("<code>")[2].partition("</code>")[0]
    assert f"Failure {number}: GET /" in caplog.text
    assert "the secret inside" in caplog.text
