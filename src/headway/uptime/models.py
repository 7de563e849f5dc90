"""What is looked at from here, and what was found."""

from __future__ import annotations

from typing import Any

from django.db import models

from headway.accounts.models import Workspace
from headway.ingest.models import Source
from headway.uptime.definition import CheckDefinition, read


class Check(models.Model):
    """An address that the worker looks at. Its results are events of `source`.

    `up` is what the last look found: None, nobody could say, and `reason` says why. `since` is when
    that began, `next_at` when it is looked at next.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="checks")
    key = models.SlugField()
    name = models.CharField(max_length=120, blank=True)
    source = models.ForeignKey(Source, models.CASCADE, related_name="checks")
    body = models.JSONField(default=dict)
    managed_in_code = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    up = models.BooleanField(null=True)
    since = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    milliseconds = models.IntegerField(default=0)
    status = models.IntegerField(default=0)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="check_key")]
        ordering = ["name", "key"]
        indexes = [models.Index(fields=["next_at"])]

    def __str__(self) -> str:
        return self.name or self.key

    @property
    def definition(self) -> CheckDefinition:
        own: dict[str, Any] = {"key": self.key, "name": self.name, "source": self.source.key}
        return read({**self.body, **own})


class Hour(models.Model):
    """What was found in an hour: seconds that good and bad looks stand for; the rest is unknown."""

    check_row = models.ForeignKey(Check, models.CASCADE, related_name="hours")
    at = models.DateTimeField()
    good = models.IntegerField(default=0)
    bad = models.IntegerField(default=0)
    milliseconds = models.BigIntegerField(default=0, help_text="Of all looks that were answered.")
    answered = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["check_row", "at"], name="one_hour")]

    def __str__(self) -> str:
        return f"{self.at}: {self.good} s good, {self.bad} s bad"


class Outage(models.Model):
    """Bad looks that follow each other. `ended_at` is when a good one came, or null."""

    check_row = models.ForeignKey(Check, models.CASCADE, related_name="outages")
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField()
    looks = models.IntegerField(default=1)

    class Meta:
        ordering = ["-began_at"]

    def __str__(self) -> str:
        return self.reason
