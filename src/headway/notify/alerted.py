"""The mail that says what is wrong, to those whom it concerns: once for each cause.

Many causes that are raised at once are one mail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max

from headway.accounts.models import Member, Role, Workspace
from headway.alerting.reading import Story, stories
from headway.engine.period import Grain
from headway.metrics.reading import LONGEST
from headway.notify import addresses
from headway.notify.letter import Letter, letter
from headway.notify.lines import Line
from headway.notify.models import Message, Topic
from headway.notify.subscriptions import wanting

STILL_WORTH_IT = timedelta(days=2)
NEWS = 3
"""What began more periods ago is no news, as on the first day with Headway: a digest has it."""

MOST_METRICS = 8

APART, MOST = 3, 12
"""So many at once are a mail each; of more there is one mail, with so many lines."""

TOGETHER = "alerts:"


def occasion(story: Story) -> str:
    """Another one when it was put off and is still there, or came back after a week."""
    until, returned = story.alert.snoozed_until, story.alert.returned_at
    again = until or (returned and returned.date())
    return f"alert:{story.alert.pk}{f':{again}' if again else ''}"


def alerted(workspace: Workspace, now: datetime) -> Iterator[tuple[Member, str, Letter]]:
    """With the occasion. Those who were told already are left out."""
    today = workspace.calendar.day_of(now)
    found = [s for s in stories(workspace, today) if _is_news(s, today, now)]
    if not found:
        return
    members = list(workspace.members.select_related("person", "workspace").order_by("pk"))
    wanted = wanting(Topic.alert, members)
    told = _Told.of(wanted)
    news: dict[Member, list[Story]] = defaultdict(list)
    for story in found:
        for member in _concerned(story, wanted, members):
            if not told.knows(member, story):
                news[member].append(story)
    for member, listed in news.items():
        if len(listed) > APART:
            yield member, f"{TOGETHER}{now:%Y-%m-%dT%H:%M:%S}", _together(member, listed)
        else:
            yield from ((member, occasion(story), _letter(member, story)) for story in listed)


@dataclass(frozen=True)
class _Told:
    """What was said by members: of which alerts, and when they were last told of many together."""

    alone: frozenset[tuple[int, str]]
    together: Mapping[int, datetime]

    @staticmethod
    def of(members: Sequence[Member]) -> _Told:
        rows = Message.objects.filter(topic=Topic.alert, member__in=members)
        alone = frozenset(rows.values_list("member_id", "occasion"))
        many = rows.filter(occasion__startswith=TOGETHER).values("member_id")
        last = many.annotate(last=Max("made_at")).values_list("member_id", "last")
        return _Told(alone, dict(last))

    def knows(self, member: Member, story: Story) -> bool:
        if (member.pk, occasion(story)) in self.alone:
            return True
        last = self.together.get(member.pk)
        return last is not None and last >= _moment(story)


def _moment(story: Story) -> datetime:
    """Since when it is to be told."""
    alert = story.alert
    found = alert.returned_at or alert.raised_at
    if alert.snoozed_until:
        found = max(found, alert.workspace.calendar.instant(alert.snoozed_until))
    return found


def _is_news(story: Story, today: date, now: datetime) -> bool:
    alert, sign = story.alert, story.gravest
    if story.is_better:
        return False
    if alert.snoozed_until:
        return today - alert.snoozed_until < STILL_WORTH_IT
    brief = NEWS * timedelta(days=LONGEST[Grain(sign.grain)])
    return now - _moment(story) < STILL_WORTH_IT and today - story.since <= max(
        brief, timedelta(days=7)
    )


def _concerned(
    story: Story, wanted: Sequence[Member], members: Sequence[Member]
) -> Iterator[Member]:
    """Who owns what it shows in, or a key result that depends on it; the admins if nobody does."""
    owners = {metric.owner_id for metric in story.metrics}
    owners |= {k.owner_id for k in story.key_results} | {k.delegate_id for k in story.key_results}
    mine = [m for m in members if m.pk in owners]
    chosen = mine or [m for m in members if m.role == Role.admin]
    keys = {m.pk for m in chosen}
    yield from (m for m in wanted if m.pk in keys)


def _letter(member: Member, story: Story) -> Letter:
    return letter(
        member,
        Topic.alert,
        f"{story.title} · {member.workspace}",
        line=Line.of_alert(story),
        metrics=[str(metric) for metric in story.others[:MOST_METRICS]],
        more_metrics=max(len(story.others) - MOST_METRICS, 0),
        note=story.alert.note,
    )


def _together(member: Member, listed: Sequence[Story]) -> Letter:
    return letter(
        member,
        Topic.alert,
        f"{len(listed)} alerts · {member.workspace}",
        lines=[Line.of_alert(story) for story in listed[:MOST]],
        more=max(len(listed) - MOST, 0),
        many=len(listed),
        url=addresses.page(member.workspace, "alerts"),
    )
