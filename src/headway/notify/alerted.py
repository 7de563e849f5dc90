"""The mail that says what is wrong, to those whom it concerns: once for each cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from headway.accounts.models import Member, Role, Workspace
from headway.alerting.reading import Story, stories
from headway.engine.period import Grain
from headway.metrics.reading import LONGEST
from headway.notify.letter import Letter, letter
from headway.notify.lines import Line
from headway.notify.models import Message, Topic
from headway.notify.subscriptions import wanting

STILL_WORTH_IT = timedelta(days=2)
NEWS = 3
"""What began more periods ago is no news, as on the first day with Headway: a digest has it."""

MOST_METRICS = 8


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
    told = set(
        Message.objects.filter(topic=Topic.alert, member__in=wanted).values_list(
            "member_id", "occasion"
        )
    )
    for story in found:
        for member in _concerned(story, wanted, members):
            if (member.pk, occasion(story)) not in told:
                yield member, occasion(story), _letter(member, story)


def _is_news(story: Story, today: date, now: datetime) -> bool:
    alert, sign = story.alert, story.gravest
    if story.is_better:
        return False
    if alert.snoozed_until:
        return today - alert.snoozed_until < STILL_WORTH_IT
    brief = NEWS * timedelta(days=LONGEST[Grain(sign.grain)])
    raised = alert.returned_at or alert.raised_at
    return now - raised < STILL_WORTH_IT and today - story.since <= max(brief, timedelta(days=7))


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
