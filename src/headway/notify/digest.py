"""The weekly digest: what is off pace and why, what flipped, what is wrong, and what is coming."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max

from headway.accounts.models import Member, Workspace
from headway.alerting.reading import stories
from headway.feed.models import Change
from headway.goals.models import KeyResult
from headway.goals.rhythm import WORST_FIRST, living
from headway.notify import addresses
from headway.notify.letter import Letter, letter
from headway.notify.lines import Line
from headway.notify.models import Message, Topic
from headway.notify.subscriptions import wanting

MOST = 12
"""So many lines of a kind; how many more there are is said."""

COMING_DAYS = 14
STILL_NEWS_DAYS = 7
"""A key result that was missed is said for so long after its due date."""

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Flip:
    """From the first status since the last digest to the last one, with its reason."""

    title: str
    url: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What is the same for everybody of a workspace."""

    off_pace: tuple[Line, ...]
    alerts: tuple[Line, ...]
    coming: tuple[Line, ...]

    @staticmethod
    def of(workspace: Workspace, today: date) -> Digest:
        return Digest(
            off_pace=tuple(map(Line.of, _off_pace(workspace, today))),
            alerts=tuple(map(Line.of_alert, stories(workspace, today))),
            coming=tuple(map(Line.of, _coming(workspace, today))),
        )


def digests(workspace: Workspace, now: datetime) -> Iterator[tuple[Member, Letter]]:
    """For everybody who subscribes."""
    members = workspace.members.select_related("person", "workspace").order_by("pk")
    chosen = wanting(Topic.digest, members)
    found = Digest.of(workspace, workspace.calendar.day_of(now)) if chosen else None
    since = _last(chosen)
    for member in chosen:
        assert found is not None
        yield member, written(member, found, since.get(member.pk, now - WEEK), now)


def preview(member: Member, now: datetime) -> Letter:
    """What the member's digest would say now."""
    workspace = member.workspace
    found = Digest.of(workspace, workspace.calendar.day_of(now))
    return written(member, found, _last([member]).get(member.pk, now - WEEK), now)


def written(member: Member, found: Digest, since: datetime, now: datetime) -> Letter:
    workspace = member.workspace
    flips = list(flipped(workspace, since, now))
    sections = {"off_pace": found.off_pace, "alerts": found.alerts, "coming": found.coming}
    said = {name: lines[:MOST] for name, lines in sections.items()}
    more = {f"more_{name}": max(len(lines) - MOST, 0) for name, lines in sections.items()}
    return letter(
        member,
        Topic.digest,
        f"{_headline(found, flips)} · {workspace}",
        flips=flips[:MOST],
        more_flips=max(len(flips) - MOST, 0),
        quiet=not (found.off_pace or found.alerts or flips),
        since=workspace.calendar.day_of(since),
        url=addresses.page(workspace, "home"),
        objectives_url=addresses.page(workspace, "objectives"),
        alerts_url=addresses.page(workspace, "alerts"),
        **said,
        **more,
    )


def flipped(workspace: Workspace, since: datetime, now: datetime) -> Iterator[Flip]:
    """Statuses that changed, the latest last; one that came back to what it was is no news."""
    rows = Change.objects.filter(workspace=workspace, what="status", at__gt=since, at__lte=now)
    first: dict[str, Change] = {}
    last: dict[str, Change] = {}
    for row in rows.order_by("at", "pk"):
        first.setdefault(row.subject, row)
        last[row.subject] = row
    for subject, row in last.items():
        before = first[subject].before
        if before != row.after:
            url = addresses.of_subject(workspace, subject)
            yield Flip(row.title, url, before or "nothing yet", row.after, row.why)


def _off_pace(workspace: Workspace, today: date) -> list[KeyResult]:
    since = today - timedelta(days=STILL_NEWS_DAYS)
    rows = living(workspace).filter(
        status__in=WORST_FIRST, cycle__starts__lte=today, due__gte=since
    )
    return sorted(rows, key=lambda r: (WORST_FIRST.index(r.status), -_gap(r), r.due, r.pk))


def _gap(row: KeyResult) -> float:
    known = row.expected is not None and row.progress is not None
    return (row.expected or 0.0) - (row.progress or 0.0) if known else 0.0


def _coming(workspace: Workspace, today: date) -> Iterable[KeyResult]:
    until = today + timedelta(days=COMING_DAYS)
    rows = living(workspace).filter(due__gte=today, due__lte=until, cycle__starts__lte=today)
    return rows.order_by("due", "pk")


def _last(members: list[Member]) -> dict[int, datetime]:
    """When the last digest of each was made."""
    made = Message.objects.filter(topic=Topic.digest, member__in=[m.pk for m in members])
    return dict(
        made.values("member_id").annotate(last=Max("made_at")).values_list("member_id", "last")
    )


def _headline(found: Digest, flips: list[Flip]) -> str:
    said = [f"{len(found.off_pace)} off pace" if found.off_pace else ""]
    said += [f"{len(flips)} changed" if flips else ""]
    said += [f"{len(found.alerts)} alert{'s' * (len(found.alerts) > 1)}" if found.alerts else ""]
    return ", ".join(filter(None, said)) or "All quiet this week"
