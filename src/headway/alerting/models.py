"""What is wrong, and the signs by which it shows."""

from __future__ import annotations

from datetime import date

from django.db import models

from headway.accounts.models import Person, Workspace
from headway.goals.models import KeyResult
from headway.metrics.models import Metric


class Alert(models.Model):
    """One cause: `source:web`, `event:login` or `metric:weekly_users`.

    `since` is the first day of its first sign. It is over by itself, with its last sign.
    `key_results` are those that depend on what it shows in, as of the last pass. Metrics that went
    off at once have something in `common`, such as `event:order`; `common_words` says it. What
    turned out to have another cause is `part_of` that one's alert, which has its signs.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="alerts")
    cause = models.CharField(max_length=210)
    since = models.DateField()
    raised_at = models.DateTimeField()
    returned_at = models.DateTimeField(
        null=True, help_text="When it came back after a week, which is told once more."
    )
    resolved_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    snoozed_until = models.DateField(
        null=True, help_text="The first day on which it is told again."
    )
    note = models.TextField(blank=True)
    common = models.CharField(max_length=210, blank=True)
    common_words = models.CharField(max_length=300, blank=True)
    part_of = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts")
    key_results = models.ManyToManyField(KeyResult, related_name="alerts", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "cause"],
                condition=models.Q(resolved_at=None),
                name="one_open_alert",
            )
        ]
        ordering = ["-since", "-pk"]

    def __str__(self) -> str:
        return self.cause

    @property
    def noun(self) -> str:
        return self.cause.partition(":")[0]

    @property
    def named(self) -> str:
        """The source, event or metric that the cause is."""
        return self.cause.partition(":")[2]

    def state(self, today: date) -> str:
        if self.resolved_at:
            return "resolved"
        if self.snoozed_until and self.snoozed_until > today:
            return "snoozed"
        return "acknowledged" if self.acknowledged_at else "open"


class Sign(models.Model):
    """What is odd about one metric, or a segment of it, from its period `since` through `last`.

    `low` and `high` bound what was expected of that period, `against` is what it is worse than.
    `origin` is the source or event that has fallen silent, written as a cause, where that is the
    sign.
    """

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="signs")
    metric = models.ForeignKey(Metric, models.CASCADE, related_name="signs")
    kind = models.CharField(max_length=20)
    grain = models.CharField(max_length=7)
    segment_by = models.CharField(max_length=80, blank=True)
    segment = models.CharField(max_length=200, blank=True)
    origin = models.CharField(max_length=210, blank=True)
    since = models.DateField()
    last = models.DateField()
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    against = models.FloatField(null=True)
    said = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "kind", "segment_by", "segment", "origin", "since"],
                name="one_sign",
            )
        ]
        ordering = ["since", "pk"]

    def __str__(self) -> str:
        return f"{self.metric} {self.kind} since {self.since}"


class Watch(models.Model):
    """What was looked at last of a metric: `seen` stands for it.

    `through` holds, by grain, the start of the last complete period. `version` is that of the
    definition by which its points were computed then.
    """

    metric = models.OneToOneField(Metric, models.CASCADE, related_name="watch")
    seen = models.CharField(max_length=64)
    through = models.JSONField(default=dict)
    version = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.metric} through {self.through}"


class Pass(models.Model):
    """All that the last pass over a workspace rested on, as a digest: the same needs no other."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="alerts_pass")
    seen = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.workspace}: {self.seen}"
