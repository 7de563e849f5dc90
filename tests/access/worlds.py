"""Two workspaces that hold one of everything, so that each can be tried against the other.

Keys are a world's word and titles its secret, so that what shows something of it can be told
from what only repeats the key that was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model

from headway.accounts import actions, links
from headway.accounts.models import Member, Workspace
from headway.alerting.models import Alert, Sign
from headway.goals.close.closing import start
from headway.goals.talk.discussion import say
from headway.ingest import actions as ingest
from headway.ingest.models import Report, Rewrite
from headway.metrics.models import Point
from headway.moving.delivery import keep
from headway.moving.opening import File
from tests.api.conftest import Api, api_of
from tests.conftest import member_of

NOW = datetime(2026, 11, 20, 11, tzinfo=UTC)
MONDAY = date(2026, 11, 9)
Row = tuple[str, Any]


@dataclass(frozen=True)
class World:
    """`keys` fills addresses: the names of their parts → what is there."""

    word: str
    workspace: Workspace
    admin: Member
    member: Member
    api: Api
    keys: dict[str, Any]
    numbers: dict[str, int]
    """What is known by a number, by the name of its list."""

    rows: frozenset[Row]
    """All that was made with it."""

    @property
    def secret(self) -> str:
        return secret(self.word)


def secret(word: str) -> str:
    return f"Secret-of-{word}"


def build(word: str) -> World:
    before = set(rows())
    home = actions.create_workspace(word, secret(word), now=NOW, clock=NOW)
    admin, member = member_of(home, "admin", NOW), member_of(home, "member", NOW)
    api = api_of(admin)
    _measured(api, home, word)
    _set(api, word)
    numbers = _numbered(api, home, admin, word)
    keys = {
        **dict.fromkeys(("key", "objective", "cycle", "team", "metric"), word),
        "workspace": word,
        "email": member.person.email,
        "grain": "week",
        "start": MONDAY.isoformat(),
        "code": "objective-owner",
        "token": keep(home, admin, [File("a.csv", b"Objective\nHm\n")], now=NOW).token,
    }
    made = frozenset(set(rows()) - before)
    return World(word, home, admin, member, api, keys, numbers, made)


def _measured(api: Api, home: Workspace, word: str) -> None:
    api("PUT", f"/sources/{word}", {"name": secret(word)})
    source = home.sources.get()
    settings.DATA.mkdir(parents=True, exist_ok=True)
    path: Path = settings.DATA / f"{word}.csv"
    days = [(NOW - timedelta(days=n)).isoformat() for n in range(1, 40)]
    rows = [f"{word},{day},{word}-{n % 5},10" for n, day in enumerate(days)]
    path.write_text("\n".join(["event,happened_at,user_id,amount", *rows, f"{word},never,,"]))
    ingest.import_events(source, path, by=None, now=NOW)
    api(
        "PUT",
        f"/metrics/{word}",
        {"kind": "count", "event": word, "name": secret(word), "level": "kpi"},
    )
    api("PUT", f"/metrics/{word}_typed", {"kind": "manual", "name": secret(word)})
    api("PUT", f"/tracking/events/{word}", {"description": secret(word)})
    texts = {"en": {"question": secret(word)}}
    api("PUT", f"/surveys/{word}", {"kind": "nps", "source": word, "texts": texts})
    api("PUT", f"/checks/{word}", {"source": word, "url": f"https://{word}.example"})
    for metric in home.metrics.all():
        Point.objects.create(
            metric=metric, grain="week", segment_by="", segment="", value=7.0, complete=True,
            start=MONDAY, end=MONDAY + timedelta(days=7),
        )  # fmt: skip


def _set(api: Api, word: str) -> None:
    api("PUT", f"/teams/{word}", {"name": secret(word), "members": [f"member@{word}.example"]})
    api("PUT", f"/cycles/{word}", {"starts": "2026-10-01", "ends": "2026-12-31"})
    result = {"key": word, "metric": word, "title": secret(word), "from": 1, "to": 9}
    typed = {"key": f"{word}-typed", "title": secret(word), "from": 1, "to": 9, "unit": "deals"}
    goal = {"cycle": word, "team": word, "title": secret(word), "key_results": [result, typed]}
    api("PUT", f"/objectives/{word}", goal)
    api("PUT", f"/objectives/{word}-too", {**goal, "key_results": []})
    trial = {
        "assigned": {"event": word}, "variant": "v", "control": "a", "metric": word,
        "starts": "2026-11-01", "ends": "2026-11-30", "effect": "30 %",
    }  # fmt: skip
    api("PUT", f"/outputs/{word}", {"name": secret(word), "moves": [word], "experiment": trial})
    note = {"kind": "note", "title": secret(word), "starts": "2026-11-01", "metrics": [word]}
    api("PUT", f"/annotations/{word}", note)


def _numbered(api: Api, home: Workspace, admin: Member, word: str) -> dict[str, int]:
    goal = home.objectives.get(key=word)
    start(home.teams.get(), home.cycles.get(), by=admin, now=NOW)
    link, _ = links.share(home, f"objectives/{word}", by=admin, now=NOW)
    invitation, _ = actions.invite(home, "member", "", by=admin, now=NOW)
    alert = Alert.objects.create(
        workspace=home, cause=f"metric:{word}", since=MONDAY, raised_at=NOW, note=secret(word)
    )
    Sign.objects.create(
        alert=alert, metric=home.metrics.get(key=word), kind="out of range", grain="week",
        since=MONDAY, last=MONDAY, value=7.0, high=5.0,
    )  # fmt: skip
    report = Report.objects.create(
        workspace=home, code="misspelt", event=word, words=secret(word), since=MONDAY, raised_at=NOW
    )
    rewrite = Rewrite.objects.create(
        workspace=home,
        kind="person",
        state="done",
        asked_by=secret(word),
        asked_at=NOW,
        finished_at=NOW,
    )
    return {
        "comments": say(goal, secret(word), by=admin, now=NOW).pk,
        "links": link.pk,
        "invitations": invitation.pk,
        "tokens": admin.tokens.get().pk,
        "keys": api("POST", f"/sources/{word}/keys", {"name": secret(word)}, status=201)["id"],
        "alerts": alert.pk,
        "reports": report.pk,
        "people": rewrite.pk,
        "receipts": rewrite.pk,
        "rejects": home.sources.get().imports.get().pk,
    }


def rows() -> dict[Row, dict[str, Any]]:
    """Every row of the product's own tables, also of those between two others."""
    ours = [
        m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("headw")
    ]
    found: dict[Row, dict[str, Any]] = {}
    for model in ours:
        for row in model._default_manager.all().values():
            found[model._meta.label, row[model._meta.pk.attname]] = row
    return found


def astray(theirs: frozenset[Row], everything: dict[Row, dict[str, Any]]) -> list[str]:
    """Rows of others that point at one of theirs. People may be members of both."""
    found = []
    for (label, pk), row in everything.items():
        if (label, pk) in theirs:
            continue
        for name, value in row.items():
            target = _target(apps.get_model(label), name)
            if target not in ("", "accounts.Person") and (target, value) in theirs:
                found.append(f"{label} {pk}: {name} is of another workspace")
    return found


def _target(model: type[Model], name: str) -> str:
    field = next((f for f in model._meta.concrete_fields if f.attname == name), None)
    return field.related_model._meta.label if field and field.is_relation else ""
