"""What is shipped, as launches and as experiments, and what was found of it."""

from __future__ import annotations

from django.db import models

from headway.accounts.models import Member, Team, Workspace
from headway.metrics.models import Metric


class OutputStatus(models.TextChoices):
    planned = "planned", "Planned"
    building = "building", "Being built"
    launched = "launched", "Launched"
    stopped = "stopped", "Stopped"


class Output(models.Model):
    """Something shipped: a feature, a campaign, an experiment. Never itself a key result.

    `planned` is the day it should go out, `launched` the day it did. `audience` holds `where`, as
    selectors write it: who got it; empty is everybody. `moves` are the metrics it should change.
    `controls` are metrics that it does not touch, chosen to hold its effect against; without any
    they are looked for.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="outputs")
    key = models.SlugField(max_length=80)
    name = models.CharField(max_length=160)
    description = models.TextField(blank=True, help_text="What success looks like.")
    status = models.CharField(
        max_length=8, choices=OutputStatus.choices, default=OutputStatus.planned
    )
    planned = models.DateField(null=True, blank=True)
    launched = models.DateField(null=True, blank=True)
    audience = models.JSONField(default=dict, blank=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="outputs")
    owner = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="outputs"
    )
    moves = models.ManyToManyField(Metric, related_name="outputs", blank=True)
    experiment = models.JSONField(
        default=dict, blank=True, help_text="The A/B test that it is; {} when it is none."
    )
    controls = models.ManyToManyField(Metric, related_name="controls_of", blank=True)
    managed_in_code = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="output_key")]
        ordering = ["-launched", "-planned", "name"]

    def __str__(self) -> str:
        return self.name


class Trial(models.Model):
    """What the worker keeps of an experiment beside its read-outs.

    `asked` is the experiment with its metrics, `seen` what else a look rests on: another one, and
    it looks again. `plan` is what can be told before the start. `planned` subjects were fixed then:
    the intervals are tightest for as many.
    """

    output = models.OneToOneField(Output, models.CASCADE, related_name="trial")
    asked = models.CharField(max_length=64)
    seen = models.CharField(max_length=64)
    planned = models.PositiveIntegerField(null=True)
    plan = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.output)


class ReadOut(models.Model):
    """What an experiment says by the end of a day; `sums` are those that it says it from."""

    output = models.ForeignKey(Output, models.CASCADE, related_name="read_outs")
    day = models.DateField()
    sums = models.JSONField()
    said = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["output", "day"], name="one_read_out")]
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.output}, {self.day}"


class Effect(models.Model):
    """What a launch did to one of the metrics that it should move, as the worker found it last.

    `found` is the answer (`goals.effects_told`). `seen` stands for what was looked at, and costs no
    reading of points to compare; `fingerprint` for the series on which the answer rests.
    """

    output = models.ForeignKey(Output, models.CASCADE, related_name="effects")
    metric = models.ForeignKey(Metric, models.CASCADE, related_name="effects")
    verdict = models.CharField(max_length=16)
    found = models.JSONField(default=dict)
    seen = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["output", "metric"], name="one_effect")]

    def __str__(self) -> str:
        return f"{self.output} on {self.metric}: {self.verdict}"
