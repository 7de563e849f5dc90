"""So often each page asks the database: in a small workspace, and as often in a larger one."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from bench.pages import pages
from bench.workspace import Built, Size, build
from headway.web.urls import urlpatterns

SMALL = Size(metrics=16, key_results=48, days=100, people=10, teams=6)
LARGER = Size(metrics=64, key_results=96, days=200, people=40, teams=12)

QUERIES = {
    "workspaces": 3,
    "home": 18,
    "search": 18,
    "check_in": 9,
    "objectives": 11,
    "objective_new": 13,
    "objective": 29,
    "objective_edit": 16,
    "key_result_new": 13,
    "key_result_baseline": 9,
    "key_result": 37,
    "key_result_chart": 8,
    "mail_preview": 13,
    "settings_mails": 7,
    "settings_links": 7,
    "share": 32,
    "key_result_check_in": 8,
    "key_result_edit": 19,
    "key_result_break_down": 10,
    "key_result_hand_back": 7,
    "shares": 8,
    "alignment": 9,
    "board_journey": 8,
    "board_journey_edit": 6,
    "board_funnel": 11,
    "board_values": 7,
    "outcomes": 13,
    "launches": 12,
    "output_new": 10,
    "output": 14,
    "output_chart": 7,
    "output_edit": 13,
    "output that is an experiment": 13,
    "experiment_edit": 14,
    "experiment_chart": 8,
    "annotations": 10,
    "annotation_new": 8,
    "annotation": 10,
    "annotation_table": 6,
    "alerts": 14,
    "alert": 13,
    "kpi_watching": 7,
    "reviews": 11,
    "review": 19,
    "close": 9,
    "close_step": 18,
    "next_cycle": 13,
    "drivers": 16,
    "kpis": 10,
    "kpi_new": 9,
    "packs": 7,
    "pack": 10,
    "kpi_new_form": 15,
    "kpi": 38,
    "lifetime": 9,
    "kpi_chart": 13,
    "kpi_edit": 15,
    "kpi_enter": 8,
    "kpi_promote": 18,
    "kpi_baseline": 6,
    "point": 10,
    "point_events": 16,
    "tracking": 12,
    "tracking_event": 10,
    "people": 7,
    "sources": 10,
    "source_import": 7,
    "source_new": 6,
    "source_new_form": 6,
    "source": 16,
    "source_edit": 7,
    "coach": 23,
    "coach_objective": 3,
    "coach_key_result": 11,
    "coach_promoted": 11,
    "surveys": 7,
    "survey_new": 7,
    "survey": 10,
    "survey_edit": 8,
    "checks": 9,
    "check_new": 7,
    "check": 11,
    "check_edit": 8,
    "settings_coach": 6,
    "settings": 8,
    "settings_members": 8,
    "settings_teams": 11,
    "move_in": 6,
    "move_out": 6,
    "settings_tokens": 7,
    "cycles": 7,
    "cycle_new": 8,
    "cycle_edit": 9,
    "home of one who owns nothing": 20,
    "objectives of all cycles": 11,
    "objectives by what they support": 12,
    "objectives of a team": 11,
    "check-ins of an objective": 9,
    "alignment as a map": 9,
    "drivers by segment": 18,
    "every outcome": 13,
    "kpis of a team": 11,
    "other metrics": 7,
    "kpi by day": 37,
    "kpi by day, three years": 37,
    "kpi by segment": 38,
    "funnel": 32,
    "retention": 32,
    "movements by part": 32,
    "key result kept": 37,
    "key result typed": 30,
    "number of a formula": 12,
    "catalogue that was searched": 9,
}
"""By page: three find out who asks and, inside a workspace, three more are for its frame."""

NO_PAGES = {
    "move_in_look",
    *("objective_archive", "objective_restore", "key_result_archive", "key_result_restore"),
    *("objective_comment", "key_result_comment", "close_finish", "reopen"),
    *("output_archive", "output_restore", "key_result_milestone", "experiment_end"),
    *("annotation_archive", "annotation_restore", "alert_act"),
    *("kpi_archive", "kpi_preview", "coach_silence", "source_again", "source_rejects"),
    *("source_keys", "source_send", "source_aside"),
    *("tracking_settle", "tracking_start", "tracking_personal", "receipt"),
    *("survey_kpi", "survey_archive", "survey_restore", "check_change"),
}
"""What only answers buttons, and the file of what an import refused."""

pytestmark = pytest.mark.django_db
Counts = dict[str, tuple[int, int]]


@pytest.fixture(scope="module")
def counts(
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Counts:
    """Built once for all tests of this file, and gone before the first of them begins."""
    data = tmp_path_factory.mktemp("pages")
    with (
        django_db_blocker.unblock(),  # type: ignore[attr-defined]  # pytest-django names no type
        override_settings(DATA=data, STORE=data / "events", SECRET_KEY="only for tests"),
        transaction.atomic(),
    ):
        small, larger = _counted(SMALL, "small"), _counted(LARGER, "larger")
        transaction.set_rollback(True)
    return {name: (small[name], larger[name]) for name in small}


def _counted(size: Size, key: str) -> dict[str, int]:
    found = build(size, key)
    return {name: _queries(found, name, path) for name, path in pages(key).items()}


def _queries(built: Built, name: str, path: str) -> int:
    """Of the second request: the first one may find out what stays known."""
    client = Client()
    member = built.newcomer if "owns nothing" in name else built.admin
    client.force_login(member.person)  # type: ignore[arg-type]  # a person of ours
    assert client.get(path).status_code == 200, path
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
        return len(queries)


def test_every_page_is_counted():
    named = {str(pattern.name) for pattern in urlpatterns}
    assert named - NO_PAGES <= QUERIES.keys() <= pages("any").keys()
    assert QUERIES.keys() == pages("any").keys()


@pytest.mark.parametrize("name", list(pages("any")))
def test_a_page_asks_so_often_whatever_the_size_of_the_workspace(name: str, counts: Counts):
    assert counts[name] == (QUERIES[name], QUERIES[name])
