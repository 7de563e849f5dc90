"""A support desk's export over a real socket, up to the catalogue's numbers."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from headway.accounts.models import Member, Workspace
from headway.ingest.actions import save_source
from headway.ingest.fetch import fetch
from headway.ingest.fetching import FETCHERS
from headway.ingest.models import Fetch, Source
from headway.metrics.actions import save_metric
from headway.metrics.catalogue import templates
from headway.metrics.reading import series
from headway.metrics.refresh import refresh
from tests.ingest.fetching.served import Answer, Asked, served

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TOKEN = "agent@acme.example/token:of-nobody"
NAMES = ("tickets_opened", "tickets_solved", "ticket_backlog", "tickets_reopened")


def ticket(number: int, opened: str, updated: str, status: str, **metrics: Any) -> dict[str, Any]:
    return {
        "id": number,
        "created_at": opened,
        "updated_at": updated,
        "status": status,
        "subject": "Words of a person",
        "requester_id": 70 + number,
        "organization_id": None,
        "tags": ["topic:invoice", "vip"],
        "via": {"channel": "email"},
        "metric_set": {"ticket_id": number, "reopens": 0, **metrics},
    }


@dataclass
class Desk:
    """Tickets in the order in which they changed; a cursor is how many have been seen."""

    tickets: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        expected = f"Basic {base64.b64encode(TOKEN.encode()).decode()}"
        if asked.headers.get("authorization") != expected:
            return Answer.json({"error": "Couldn't authenticate you"}, 401)
        if asked.path != "/api/v2/incremental/tickets/cursor.json":
            return Answer.json({"error": "InvalidEndpoint"}, 404)
        if ("cursor" in asked.query) == ("start_time" in asked.query):
            return Answer.json({"error": "One of cursor and start_time"}, 400)
        at = int(asked.one("cursor", "0"))
        rows = self.tickets[at : at + 2]
        sets = [row["metric_set"] for row in rows] if asked.one("include") == "metric_sets" else []
        rows = [{k: v for k, v in row.items() if k != "metric_set"} for row in rows]
        end = at + len(rows) >= len(self.tickets)
        return Answer.json(
            {
                "tickets": rows,
                "metric_sets": sets,
                "after_cursor": str(at + len(rows)),
                "end_of_stream": end,
            }
        )


def test_tickets_come_in_as_they_change_and_the_support_metrics_are_right(
    acme: Workspace, admin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    desk = Desk(
        [
            ticket(1, "2026-02-01T10:00:00Z", "2026-02-02T10:00:00Z", "solved",
                   solved_at="2026-02-02T10:00:00Z", reply_time_in_minutes={"calendar": 30}),
            ticket(2, "2026-02-03T10:00:00Z", "2026-02-03T10:00:00Z", "new"),
            ticket(3, "2026-02-04T10:00:00Z", "2026-02-08T10:00:00Z", "closed",
                   solved_at="2026-02-07T10:00:00Z"),
            ticket(4, "2026-02-05T10:00:00Z", "2026-02-05T10:00:00Z", "deleted"),
        ]
    )  # fmt: skip
    by_key = {one.key: one for one in templates()}
    for name in NAMES:
        save_metric(acme, by_key[name].document, by=admin, now=NOW)
    with served(desk.answer) as server:
        save_source(
            acme, "desk", by=admin, now=NOW, kind="desk", url=server.url, secret_env="DESK_TOKEN",
            since=date(2026, 1, 1), every="1 hour",
        )  # fmt: skip
        server.next = [None, Answer(429, b"", {"Retry-After": "42"})]
        assert not fetch(acme, now=NOW).problems
        state = Fetch.objects.get()
        assert (state.due_at, state.cursor["after"]) == (NOW + timedelta(seconds=42), "2")
        assert not fetch(acme, now=NOW + timedelta(seconds=42)).problems
        assert [one.one("cursor") for one in server.asked] == ["", "2", "2"]
        assert server.asked[0].one("start_time") == str(
            int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
        )
        assert numbers(acme) == {
            "tickets_opened": 3, "tickets_solved": 2, "ticket_backlog": 1, "tickets_reopened": 0,
        }  # fmt: skip
        # One comes back, and is solved again.
        desk.tickets.append(
            ticket(1, "2026-02-01T10:00:00Z", "2026-02-20T10:00:00Z", "open", reopens=1,
                   reply_time_in_minutes={"calendar": 30})
        )  # fmt: skip
        later = NOW + timedelta(hours=2)
        assert fetch(acme, now=later).added == 1
        assert numbers(acme)["ticket_backlog"] == 2
        desk.tickets.append(
            ticket(1, "2026-02-01T10:00:00Z", "2026-02-21T10:00:00Z", "solved", reopens=1,
                   solved_at="2026-02-21T10:00:00Z", reply_time_in_minutes={"calendar": 30})
        )  # fmt: skip
        assert fetch(acme, now=later + timedelta(hours=2)).added == 1
        assert numbers(acme) == {
            "tickets_opened": 3, "tickets_solved": 3, "ticket_backlog": 1, "tickets_reopened": 1,
        }  # fmt: skip
        words = FETCHERS["desk"].words(Source.objects.get().fetch.cursor)
        assert words == "All changes of tickets until 2026-02-21 10:00 UTC."
        monkeypatch.setenv("DESK_TOKEN", "oauth-token-that-is-wrong")
        problem = fetch(acme, now=later + timedelta(hours=4)).problems["desk"]
        assert "does not let Headway in" in problem


def numbers(workspace: Workspace) -> dict[str, float | None]:
    refresh(workspace, now=NOW + timedelta(hours=9))
    return {
        name: next(
            point.value
            for point in series(workspace.metrics.get(key=name), "month").points
            if point.start == date(2026, 2, 1)
        )
        for name in NAMES
    }


def test_a_desk_that_goes_in_circles_redirects_or_says_nonsense_is_left(
    acme: Workspace, admin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    odd = [None, "ticket", {"id": 1}, {"id": 2, "created_at": [], "updated_at": "x"}]
    circle = {"tickets": odd, "after_cursor": "7", "end_of_stream": False}
    with served(lambda _: Answer.json(circle)) as server:
        made = {"kind": "desk", "url": server.url, "secret_env": "DESK_TOKEN", "every": "1 hour"}
        source = save_source(acme, "desk", by=admin, now=NOW, **made)
        assert not fetch(acme, now=NOW).problems
        assert len(server.asked) == 2
        assert source.refusals.count() == len(odd)
        server.next = [Answer(302, b"", {"Location": "http://169.254.169.254/latest"})]
        problem = fetch(acme, now=NOW + timedelta(hours=1)).problems["desk"]
        assert "redirects to 169.254.169.254" in problem
