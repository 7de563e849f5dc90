"""The mail that somebody gets who is named in a comment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from headway.accounts.models import Member, Workspace
from headway.goals.models import Mention
from headway.goals.refresh import subject_of
from headway.goals.talk.discussion import goal_of
from headway.notify import addresses
from headway.notify.letter import Letter, letter
from headway.notify.models import Message, Topic
from headway.notify.subscriptions import wanting

STILL_WORTH_IT = timedelta(days=2)


def occasion(mention: Mention) -> str:
    return f"comment:{mention.comment_id}"


def mentioned(workspace: Workspace, now: datetime) -> Iterator[tuple[Member, str, Letter]]:
    """With the occasion. Those who were told already are left out."""
    rows = Mention.objects.filter(
        member__workspace=workspace, at__gt=now - STILL_WORTH_IT, comment__deleted_at=None
    ).select_related("member__person", "member__workspace", "comment__by", "comment__objective")
    recent = list(rows.select_related("comment__key_result__objective").order_by("pk"))
    if not recent:
        return
    told = Message.objects.filter(topic=Topic.mention, member__in=[m.member_id for m in recent])
    known = set(told.values_list("member_id", "occasion"))
    wanted = {m.pk for m in wanting(Topic.mention, {m.member for m in recent})}
    for mention in recent:
        if mention.member_id in wanted and (mention.member_id, occasion(mention)) not in known:
            yield mention.member, occasion(mention), _letter(mention)


def _letter(mention: Mention) -> Letter:
    comment, member = mention.comment, mention.member
    goal, by = goal_of(comment), comment.by or "Somebody"
    page = addresses.of_subject(member.workspace, subject_of(goal))
    return letter(
        member,
        Topic.mention,
        f"{by} mentioned you: {goal} · {member.workspace}",
        comment=comment,
        goal=goal,
        by=by,
        url=f"{page}#comment-{comment.pk}",
    )
