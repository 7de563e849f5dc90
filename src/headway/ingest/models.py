"""Where events come from, and which files hold them."""

from __future__ import annotations

from django.db import models

from headway.accounts.models import Workspace


class Source(models.Model):
    """`watermark` is the last event received; past it and `usual_gap_days`, days are unknown."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="sources")
    key = models.SlugField()
    name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=20, default="ingest")
    usual_gap_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Learnt from the data when empty."
    )
    first_event_at = models.DateTimeField(null=True)
    last_event_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    learnt_gap_days = models.PositiveSmallIntegerField(default=2)
    managed_in_code = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="source_key")]

    def __str__(self) -> str:
        return self.name or self.key

    @property
    def gap_days(self) -> int:
        return self.usual_gap_days or self.learnt_gap_days


class Part(models.Model):
    """The manifest: one immutable Parquet file of one source. Only these are served."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="parts")
    path = models.CharField(
        max_length=300, unique=True, help_text="Relative to the store's folder."
    )
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    columns = models.JSONField(default=dict)
    days = models.JSONField(default=dict, help_text="UTC day → rows.")
    has_links = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.path


class Import(models.Model):
    """One run of an import: what came in, what was known already, what was refused."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="imports")
    filename = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    read = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    reject_path = models.CharField(max_length=300, blank=True)
    reject_sample = models.JSONField(
        default=list, help_text="The first rejects: line, reason, text."
    )
    finished_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.filename


class ChangedDays(models.Model):
    """UTC days of a source whose events changed and whose points are still the old ones."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="changed_days")
    first = models.DateField()
    last = models.DateField()

    def __str__(self) -> str:
        return f"{self.first}…{self.last}"
