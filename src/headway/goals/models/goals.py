"""Cycles, objectives, key results, and what is entered and found of them."""

from __future__ import annotations

from django.db import models

from headway.accounts.models import Member, Person, Team, Workspace
from headway.metrics.models import Metric


class Cycle(models.Model):
    """`starts` and `ends` are inclusive days in the workspace's time zone."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="cycles")
    key = models.SlugField()
    name = models.CharField(max_length=80, blank=True)
    starts = models.DateField()
    ends = models.DateField()
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    managed_in_code = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="cycle_key")]
        ordering = ["-starts", "ends"]

    def __str__(self) -> str:
        return self.name or self.key


class Ambition(models.TextChoices):
    committed = "committed", "Committed"
    aspirational = "aspirational", "Aspirational"


class Objective(models.Model):
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="objectives")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="objectives")
    team = models.ForeignKey(Team, models.PROTECT, related_name="objectives")
    key = models.SlugField(max_length=80)
    title = models.CharField(max_length=200)
    why = models.TextField(blank=True)
    ambition = models.CharField(max_length=12, choices=Ambition.choices, default=Ambition.committed)
    owner = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="objectives"
    )
    supports = models.ManyToManyField(
        "self", symmetrical=False, related_name="supported_by", blank=True
    )
    guardrails = models.ManyToManyField(Metric, related_name="guards", blank=True)
    status = models.CharField(max_length=24, default="unknown")
    progress = models.FloatField(null=True)
    unknown_count = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(blank=True)
    managed_in_code = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="objective_key")]

    def __str__(self) -> str:
        return self.title


class Shape(models.TextChoices):
    reach = "reach", "Reach a value"
    relative = "relative", "Change by a percentage or points"
    keep = "keep", "Keep within bounds"
    graded = "graded", "Three grades: commit, target, stretch"
    milestones = "milestones", "A list of milestones"
    manual = "manual", "Typed at each check-in"


class Over(models.TextChoices):
    latest = "latest", "The last complete period"
    mean = "mean", "Mean of the last periods"
    cycle_to_date = "cycle_to_date", "Sum since the cycle opened"
    trailing = "trailing", "Trailing days"


class Pace(models.TextChoices):
    """What is expected between the first day and the due date."""

    linear = "linear", "Evenly, day by day"
    phased = "phased", "By values for certain days"
    seasonal = "seasonal", "With the metric's own season"


class KeyResult(models.Model):
    """One metric, baseline, target and date. The last block is what `goals.refresh` found.

    relative: `change` is a factor (0.25 = +25 %) or, with `change_in` "points", an amount; a
    reduction is negative. keep: inclusive `at_least` and/or `at_most`. graded: `commit`, `target`
    and `stretch`. `over_n` counts the periods of `mean` or the days of `trailing`.
    `baseline_typed` wins over what is measured. `phases` are the values expected by certain days,
    `{"2026-10-31": 250.0}`; `teams` those who share it beside the objective's own.
    """

    objective = models.ForeignKey(Objective, models.CASCADE, related_name="key_results")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="key_results")
    key = models.SlugField(max_length=80)
    title = models.CharField(max_length=200, blank=True)
    metric = models.ForeignKey(
        Metric, models.PROTECT, null=True, blank=True, related_name="key_results"
    )
    shape = models.CharField(max_length=10, choices=Shape.choices)
    baseline_typed = models.FloatField(null=True, blank=True)
    target = models.FloatField(null=True, blank=True)
    change = models.FloatField(null=True, blank=True)
    change_in = models.CharField(
        max_length=7, default="percent", choices=[("percent", "percent"), ("points", "points")]
    )
    at_least = models.FloatField(null=True, blank=True)
    at_most = models.FloatField(null=True, blank=True)
    commit = models.FloatField(null=True, blank=True)
    stretch = models.FloatField(null=True, blank=True)
    pace = models.CharField(max_length=8, choices=Pace.choices, default=Pace.linear)
    phases = models.JSONField(default=dict, blank=True)
    over = models.CharField(max_length=13, choices=Over.choices, default=Over.latest)
    over_n = models.PositiveSmallIntegerField(null=True, blank=True)
    grain = models.CharField(
        max_length=7, blank=True, help_text="Empty: the metric's or workspace's."
    )
    due = models.DateField()
    weight = models.FloatField(default=1.0)
    owner = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="key_results"
    )
    delegate = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="delegated_key_results"
    )
    teams = models.ManyToManyField(Team, related_name="shared_key_results", blank=True)
    unit = models.CharField(max_length=20, blank=True, help_text="For manual ones.")
    definition_version = models.PositiveIntegerField(null=True)
    managed_in_code = models.BooleanField(default=False)
    created_at = models.DateTimeField(null=True, help_text="Null: before this was kept.")
    archived_at = models.DateTimeField(null=True)
    handed_back_at = models.DateTimeField(null=True, help_text="Watched as a KPI again since.")
    position = models.PositiveSmallIntegerField(default=0)

    baseline = models.FloatField(null=True)
    aim = models.FloatField(null=True, help_text="The target in the metric's unit.")
    value = models.FloatField(null=True)
    value_through = models.DateField(null=True, help_text="Last day that the value covers.")
    progress = models.FloatField(null=True, help_text="Raw, never clamped.")
    expected = models.FloatField(null=True)
    curve = models.JSONField(
        default=list, help_text="What is expected, as [day, share]; [] evenly."
    )
    pace_reason = models.CharField(max_length=300, blank=True)
    holds = models.BooleanField(null=True)
    status = models.CharField(max_length=24, default="unknown")
    reason = models.CharField(max_length=300, blank=True)
    refreshed_at = models.DateTimeField(null=True)
    chance = models.FloatField(
        null=True, help_text="Of success by the due date, 0 to 1, as `goals.prospects` found it."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["objective", "key"], name="key_result_key")]
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title or (self.metric.name if self.metric else self.key)


class Prospect(models.Model):
    """What a key result's metric will read until it is due, and on which season its pace rests.

    `steps` are those of goals.ahead.chance, as JSON; without any, `reason` says why. `seen` and
    `fingerprint` are as those of a Study, the season's have their own.
    """

    key_result = models.OneToOneField(KeyResult, models.CASCADE, related_name="prospect")
    seen = models.CharField(max_length=64, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    steps = models.JSONField(default=list)
    rests = models.TextField(blank=True)
    notes = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    season_seen = models.CharField(max_length=64, blank=True)
    season = models.JSONField(default=dict)
    computed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Prospect of {self.key_result}"


class Milestone(models.Model):
    """A step of a key result that nothing measures. `done` is the day on which it was reached."""

    key_result = models.ForeignKey(KeyResult, models.CASCADE, related_name="milestones")
    name = models.CharField(max_length=200)
    weight = models.FloatField(default=1.0)
    due = models.DateField(null=True)
    done = models.DateField(null=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_result", "name"], name="one_milestone")]
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        weight = "" if self.weight == 1 else f"weight {self.weight:g}"
        due = f"due {self.due}" if self.due else ""
        said = ", ".join(filter(None, (weight, due)))
        return f"{self.name} ({said})" if said else self.name


class CheckIn(models.Model):
    """`value` is for manual key results; `confidence` goes from 0 to 10."""

    key_result = models.ForeignKey(KeyResult, models.CASCADE, related_name="check_ins")
    day = models.DateField()
    value = models.FloatField(null=True, blank=True)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "-at"]

    def __str__(self) -> str:
        return f"{self.key_result} {self.day}"
