"""Run by itself: makes a workspace of five owners if there is none, and delivers its mails."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "headway.config.settings"

MONDAY = datetime(2026, 2, 23, 10, tzinfo=UTC)


def build() -> None:
    from django.core.management import call_command

    from headway.accounts import actions as accounts
    from headway.accounts.models import Team
    from headway.goals import actions

    call_command("migrate", verbosity=0)
    now = MONDAY - timedelta(days=30)
    acme = accounts.create_workspace("acme", "Acme", now=now)
    team = Team.objects.create(workspace=acme, key="growth", name="Growth")
    first, last = (now.date() + timedelta(days=n) for n in (0, 90))
    cycle = actions.save_cycle(acme, key="q1", name="Q1", starts=first, ends=last, by=None, now=now)
    start = actions.save_objective(acme, title="Start", team=team, cycle=cycle, by=None, now=now)
    for name in ("ann", "bob", "cid", "dan", "eve"):
        person = accounts.create_person(f"{name}@acme.example", None, name=name)
        owner = accounts.add_member(acme, person, "member", by=None, now=now)
        actions.save_key_result(
            start, title=name, shape="manual", baseline_typed=0.0, target=9.0, owner=owner, by=None,
            now=now,
        )  # fmt: skip


def main() -> None:
    import django

    django.setup()
    from headway.accounts.models import Workspace
    from headway.notify.deliver import deliver

    if sys.argv[1] == "new":
        build()
        assert Workspace.objects.count() == 1
    deliver(MONDAY + timedelta(minutes=int(sys.argv[2])))


if __name__ == "__main__":
    main()
