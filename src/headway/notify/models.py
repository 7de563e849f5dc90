"""Who wants to hear of what, and the messages that were made for them."""

from __future__ import annotations

from django.db import models

from headway.accounts.models import Member, Workspace


class Topic(models.TextChoices):
    reminder = "reminder", "Reminders of check-ins that are due"
    digest = "digest", "The weekly digest"
    mention = "mention", "Mentions in comments"
    alert = "alert", "Alerts, at once"


BY_DEFAULT = frozenset({Topic.reminder, Topic.mention, Topic.alert})
"""What somebody gets who has never said anything about it."""


class Subscription(models.Model):
    """What a member has said about a topic; without a row, BY_DEFAULT counts."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="subscriptions")
    topic = models.CharField(max_length=8, choices=Topic.choices)
    wanted = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "topic"], name="one_subscription")]

    def __str__(self) -> str:
        return f"{self.member}: {self.topic}{'' if self.wanted else ' off'}"


class Round(models.Model):
    """The reminders and digests of a week, made in one transaction: there is one, or there is none.

    `at` is when they were to leave.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="rounds")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "at"], name="one_round")]

    def __str__(self) -> str:
        return f"{self.workspace} {self.at:%Y-%m-%d %H:%M}"


class State(models.TextChoices):
    """`handed_over` is set before a text leaves: such a message is never sent a second time."""

    waiting = "waiting", "Waiting"
    claimed = "claimed", "Being sent"
    handed_over = "handed_over", "Handed over"
    sent = "sent", "Sent"
    given_up = "given_up", "Given up"


class Message(models.Model):
    """One for a member, topic and occasion: a week's first day, a comment, or an alert.

    `next_at` is when it may be tried (again); while it is claimed, when the claim is void.
    `made_at` bounds what the next digest calls new.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="messages")
    topic = models.CharField(max_length=8, choices=Topic.choices)
    occasion = models.CharField(max_length=40)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField()
    state = models.CharField(max_length=11, choices=State.choices, default=State.waiting)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "topic", "occasion"], name="one_message")
        ]
        ordering = ["next_at", "pk"]

    def __str__(self) -> str:
        return f"{self.topic} {self.occasion} for {self.member}"
