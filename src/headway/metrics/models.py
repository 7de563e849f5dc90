"""Metrics, the versions of their definitions, their points, and what happened around them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models

from headway.accounts.models import Member, Person, Workspace
from headway.engine.definition import Definition as EngineDefinition
from headway.engine.kinds import parse


class Metric(models.Model):
    """A measure and how people read it. What decides its numbers is in its latest Definition.

    `profile` holds the descriptive fields that have no column: product, drives, tree, floor…
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="metrics")
    key = models.CharField(max_length=80)
    name = models.CharField(max_length=160)
    level = models.CharField(
        max_length=6, default="metric", choices=[("metric", "Metric"), ("kpi", "KPI")]
    )
    family = models.CharField(max_length=80, blank=True)
    direction = models.CharField(max_length=4, default="up")
    unit = models.CharField(max_length=20, blank=True)
    owner = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="metrics"
    )
    profile = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    managed_in_code = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(
        null=True, help_text="When a complete period became another one, or was added."
    )
    refreshed_version = models.PositiveIntegerField(default=0)
    first_day = models.DateField(null=True, help_text="The first day of its points.")
    measured_from = models.DateField(
        null=True, help_text="Before it, points are those of an older version of its definition."
    )
    cohort_since = models.DateField(
        null=True, help_text="The day that `since` of its cohort stood for at its last refresh."
    )
    silences = models.JSONField(
        default=dict,
        help_text="By silent source: the first day that its points call unknown, and why.",
    )
    problem = models.TextField(blank=True, help_text="Why its points could not be computed.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="metric_key")]

    def __str__(self) -> str:
        return self.name

    @property
    def document(self) -> dict[str, Any]:
        """The metric as files write it: the latest version with its descriptive fields."""
        return self.described(self.definitions.get(version=self.version).body)

    def described(self, body: dict[str, Any]) -> dict[str, Any]:
        """A version's body with the descriptive fields as they are now."""
        columns = {
            "key": self.key,
            "name": self.name,
            "level": self.level,
            "family": self.family,
            "direction": self.direction,
            "unit": self.unit,
            "owner": self.owner.person.email if self.owner else "",
        }
        return {**body, **self.profile, **columns}

    @property
    def definition(self) -> EngineDefinition:
        return parse(self.document)


class Definition(models.Model):
    """One version of what computes a metric; never changed once written."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="definitions")
    version = models.PositiveIntegerField()
    body = models.JSONField()
    note = models.TextField(blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["metric", "version"], name="definition_version")
        ]

    def __str__(self) -> str:
        return f"{self.metric} v{self.version}"


class Point(models.Model):
    """A stored engine Point. `segment_by` and `segment` are empty for the whole."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="points")
    grain = models.CharField(max_length=7)
    segment_by = models.CharField(max_length=80, blank=True)
    segment = models.CharField(max_length=200, blank=True)
    start = models.DateField()
    end = models.DateField()
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    n = models.BigIntegerField(default=0)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    complete = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    faults = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "grain", "segment_by", "segment", "start"], name="one_point"
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.start}: {self.value}"


class Restated(models.Model):
    """A complete period that has another value than before, since `at`.

    `why` names its causes: `identities`, `traits`, `events`.
    """

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="restated")
    grain = models.CharField(max_length=7)
    start = models.DateField()
    end = models.DateField()
    before = models.FloatField()
    after = models.FloatField()
    why = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["metric", "grain", "start"], name="restated_once")
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.start}: {self.before} → {self.after}"


class Table(models.Model):
    """The table some kinds have beside their points: funnel steps, retention cohorts."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="tables")
    grain = models.CharField(max_length=7)
    name = models.CharField(max_length=20)
    rows = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["metric", "grain", "name"], name="one_table")
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.name}"


class LifetimeValue(models.Model):
    """What the metric's customers are worth; `stamp` stands for what that rests on."""

    metric = models.OneToOneField(Metric, models.CASCADE, related_name="lifetime_value")
    stamp = models.CharField(max_length=64)
    answer = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"lifetime value of {self.metric}"


class Entry(models.Model):
    """A value typed for a manual metric; the last one on or before a period's end is its value."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="entries")
    day = models.DateField()
    value = models.FloatField()
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric", "day"], name="one_entry_a_day")]

    def __str__(self) -> str:
        return f"{self.metric} {self.day}: {self.value}"


class AnnotationKind(models.TextChoices):
    launch = "launch", "Launch"
    incident = "incident", "Incident"
    campaign = "campaign", "Campaign"
    holiday = "holiday", "Holiday"
    note = "note", "Note"


class Annotation(models.Model):
    """Something that happened on a day, or from a day through a last one.

    `covers` says which metrics: all, those of a `product`, or those named. `origin` is empty for
    what people write; `output` for a launch that goals keep in step with the output of that key.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="annotations")
    key = models.CharField(max_length=80)
    origin = models.CharField(max_length=8, blank=True, default="")
    kind = models.CharField(max_length=8, choices=AnnotationKind.choices)
    title = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)
    covers = models.CharField(
        max_length=7,
        default="all",
        choices=[("all", "All metrics"), ("product", "A product"), ("metrics", "Some metrics")],
    )
    product = models.CharField(max_length=80, blank=True)
    metrics = models.ManyToManyField(Metric, related_name="annotations", blank=True)
    link = models.URLField(max_length=500, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    managed_in_code = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "origin", "key"], name="annotation_key")
        ]
        ordering = ["-starts", "title"]

    def __str__(self) -> str:
        return self.title

    @property
    def last(self) -> date:
        return self.ends or self.starts
