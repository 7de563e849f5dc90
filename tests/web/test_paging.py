"""Long lists stand on several pages, and every page says which rows of how many it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from headway.accounts.models import Member, Person, Team, Workspace
from headway.goals.models import Cycle, KeyResult, Objective
from headway.metrics.models import Metric, Point
from headway.web.pages import check_in, kpi, kpis, objectives, settings

Enter = Callable[[Member], Client]


def rows_of(client: Client, path: str, marker: str) -> list[int]:
    """How many rows with the marker stand on each page, going on by its own links."""
    found = []
    while path:
        text = client.get(path).content.decode()
        found.append(text.count(marker))
        _, _, rest = text.partition('rel="next" href="')
        onward = rest.partition('"')[0].replace("&amp;", "&")
        path = path.partition("?")[0] + onward if onward else ""
    return found


@pytest.fixture
def many(stopped: Workspace, member: Member) -> Workspace:
    """A list of each sort, a little longer than its page."""
    assert stopped.clock
    day = stopped.clock.date()
    team = Team.objects.create(workspace=stopped, key="growth", name="Growth")
    start, end = day - timedelta(days=30), day + timedelta(days=30)
    cycle = Cycle.objects.create(workspace=stopped, key="now", starts=start, ends=end)
    for i in range(objectives.MOST + 1):
        objective = Objective.objects.create(
            workspace=stopped, key=f"o{i}", title=f"O {i}", team=team, cycle=cycle,
            created_at=stopped.clock,
        )  # fmt: skip
        KeyResult.objects.create(
            objective=objective, cycle=cycle, key="k", shape="manual", due=end, owner=member
        )
    for i in range(kpis.MOST + 2):
        Metric.objects.create(workspace=stopped, key=f"m{i}", name=f"M {i}", level="kpi")
    return stopped


def test_objectives(many: Workspace, member: Member, enter: Enter) -> None:
    pages = rows_of(enter(member), "/acme/objectives", 'class="goal"')
    assert pages == [objectives.MOST, 1]
    assert len(enter(member).get("/acme/objectives?format=json").json()) == objectives.MOST + 1


def test_tiles_of_kpis(many: Workspace, member: Member, enter: Enter) -> None:
    pages = rows_of(enter(member), "/acme/kpis?health=unknown&by=team", 'class="tile"')
    assert pages == [0]
    assert rows_of(enter(member), "/acme/kpis?by=team", 'class="tile"') == [kpis.MOST, 2]
    assert len(enter(member).get("/acme/kpis?format=json&page=2").json()) == kpis.MOST + 2


def test_check_ins(many: Workspace, member: Member, enter: Enter) -> None:
    total = objectives.MOST + 1
    text = enter(member).get("/acme/check-in").content.decode()
    assert f"{total} key results." in text
    assert f"1 to {check_in.MOST} of {total} key results" in text
    pages = rows_of(enter(member), "/acme/check-in", 'class="check-in"')
    assert pages == [check_in.MOST, total - check_in.MOST]


def test_home_says_how_many_more_there_are(many: Workspace, member: Member, enter: Enter) -> None:
    text = enter(member).get("/acme/").content.decode()
    assert text.count('<li class="due">') == 6
    assert f"All {objectives.MOST + 1} that are due" in text


def test_numbers_the_newest_first(many: Workspace, member: Member, enter: Enter) -> None:
    assert many.clock
    metric, first = many.metrics.get(key="m0"), many.clock.date() - timedelta(days=80)
    metric.definitions.create(version=1, body={"kind": "manual"}, at=many.clock)
    for i in range(kpi.MOST_NUMBERS + 3):
        start = first + timedelta(days=i)
        Point.objects.create(
            metric=metric, grain="day", start=start, end=start + timedelta(days=1),
            value=i, complete=True,
        )  # fmt: skip
    text = enter(member).get("/acme/kpis/m0?grain=day&page=2").content.decode()
    assert "54 to 56 of 56 numbers" in text
    assert f"/acme/kpis/m0/day/{first}" in text
    assert f"/acme/kpis/m0/day/{first + timedelta(days=3)}" not in text


def test_members(many: Workspace, admin: Member, enter: Enter) -> None:
    for i in range(settings.MOST):
        person = Person.objects.create(email=f"p{i}@acme.example")
        Member.objects.create(workspace=many, person=person)
    people = many.members.count()
    pages = rows_of(enter(admin), "/acme/settings/members", 'value="role"')
    assert pages == [settings.MOST, people - settings.MOST]


@pytest.mark.parametrize("page", ["0", "-1", "two"])
def test_what_is_no_page_is_refused(
    many: Workspace, member: Member, enter: Enter, page: str
) -> None:
    answer = enter(member).get("/acme/objectives", {"page": page})
    assert answer.status_code == 422
    assert "is not a page" in answer.content.decode()


def test_past_the_end_is_the_last_page(many: Workspace, member: Member, enter: Enter) -> None:
    text = enter(member).get("/acme/objectives?page=99").content.decode()
    assert text.count('class="goal"') == 1
