"""A recorded change says what, from, to, when, why and who."""

from __future__ import annotations

from headway.feed.models import Change
from headway.feed.record import record


def test_a_change_keeps_what_people_read(acme, member, now):
    record(
        acme,
        subject="objective:fast-start",
        title="New shops start fast",
        what="status",
        before="on track",
        after=0.25,
        why="Sign-ups fell.",
        by=member,
        now=now,
    )
    kept = Change.objects.get()
    assert (kept.before, kept.after, kept.why) == ("on track", "0.25", "Sign-ups fell.")
    assert (kept.by, kept.at, kept.workspace) == (member.person, now, acme)


def test_the_worker_changes_things_in_nobodys_name(acme, now):
    change = record(acme, subject="metric:mrr", title="MRR", what="created", before=None, now=now)
    assert (change.by, change.before) == (None, "")
