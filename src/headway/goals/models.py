"""Cycles, objectives, key results and check-ins."""

from __future__ import annotations

from datetime import date

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


class Waiver(models.Model):
    """A finding of the coach that somebody looked at and wants to hear no more of.

    Without a key result it is about the objective's own words.
    """

    objective = models.ForeignKey(Objective, models.CASCADE, related_name="waivers")
    key_result = models.ForeignKey(
        KeyResult, models.CASCADE, null=True, blank=True, related_name="waivers"
    )
    code = models.CharField(max_length=60)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key_result", "code"], name="one_waiver"),
            models.UniqueConstraint(
                fields=["objective", "code"],
                condition=models.Q(key_result=None),
                name="one_waiver_of_words",
            ),
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"


class Choice(models.TextChoices):
    """What becomes of a key result after its cycle."""

    carry_over = "carry_over", "Carry over"
    higher = "raise", "Raise"
    hand_back = "hand_back", "Hand back to its KPI"
    drop = "drop", "Drop"


class Close(models.Model):
    """A team's look back at a cycle: answers that may be given one by one, then closed for good.

    While `closed_at` is empty it is only a draft, and nothing is frozen.
    """

    team = models.ForeignKey(Team, models.PROTECT, related_name="closes")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="closes")
    learnt = models.TextField(blank=True)
    started_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "cycle"], name="one_close")]
        ordering = ["-cycle__starts", "team__name"]

    def __str__(self) -> str:
        return f"{self.team}, {self.cycle}"

    @property
    def closed_on(self) -> date | None:
        """In the workspace's present, which may be a stopped clock."""
        workspace = self.team.workspace
        return workspace.calendar.day_of(workspace.at(self.closed_at)) if self.closed_at else None


class ClosedObjective(models.Model):
    """`score` is computed; `score_given` was set by somebody, and then counts. Both are kept."""

    close = models.ForeignKey(Close, models.CASCADE, related_name="objectives")
    objective = models.ForeignKey(Objective, models.CASCADE, related_name="closes")
    learnt = models.TextField(blank=True)
    score_given = models.FloatField(null=True)
    score_reason = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    score = models.FloatField(null=True)
    status = models.CharField(max_length=24, blank=True)
    unknown_count = models.PositiveSmallIntegerField(default=0)
    aspirational = models.BooleanField(default=False)
    next = models.ForeignKey(Objective, models.SET_NULL, null=True, related_name="carried_from")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["close", "objective"], name="one_closed_objective")
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.objective)

    @property
    def counts(self) -> float | None:
        """The score that counts."""
        return self.score if self.score_given is None else self.score_given


class ClosedKeyResult(models.Model):
    """The answers for a key result and, once closed, its frozen numbers.

    `target`, `at_least` and `at_most` go with the choice: the raised target, the healthy range of
    the KPI. `provisional_until` is the day on which the last period of the cycle is complete.
    `value_now` and `progress_now` are what is measured since, where that differs.
    """

    close = models.ForeignKey(Close, models.CASCADE, related_name="key_results")
    key_result = models.OneToOneField(KeyResult, models.CASCADE, related_name="closed")
    choice = models.CharField(max_length=10, choices=Choice.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    target = models.FloatField(null=True)
    at_least = models.FloatField(null=True)
    at_most = models.FloatField(null=True)
    score_given = models.FloatField(null=True)
    score_reason = models.CharField(max_length=300, blank=True)
    score = models.FloatField(null=True)
    baseline = models.FloatField(null=True)
    aim = models.FloatField(null=True)
    value = models.FloatField(null=True)
    value_through = models.DateField(null=True)
    progress = models.FloatField(null=True)
    status = models.CharField(max_length=24, blank=True)
    said = models.CharField(max_length=300, blank=True, help_text="Why the status is what it is.")
    definition_version = models.PositiveIntegerField(null=True)
    as_of = models.DateTimeField(null=True)
    provisional_until = models.DateField(null=True)
    value_now = models.FloatField(null=True)
    progress_now = models.FloatField(null=True)
    restated_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(
        null=True, help_text="The refresh of its metric that was looked at last."
    )
    next = models.ForeignKey(KeyResult, models.SET_NULL, null=True, related_name="carried_from")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.key_result)

    @property
    def counts(self) -> float | None:
        """The score that counts."""
        return self.score if self.score_given is None else self.score_given

    @property
    def frozen(self) -> bool:
        return self.close.closed_at is not None


class Comment(models.Model):
    """What somebody says of an objective, or of one of its key results.

    A deleted one keeps its row, without its words; the trail has them.
    """

    objective = models.ForeignKey(Objective, models.CASCADE, related_name="comments")
    key_result = models.ForeignKey(
        KeyResult, models.CASCADE, null=True, blank=True, related_name="comments"
    )
    text = models.TextField()
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


class Mention(models.Model):
    """A member named in a comment: they are told once, `at` being when it was first written."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="mentions")
    member = models.ForeignKey(Member, models.CASCADE, related_name="mentions")
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "member"], name="one_mention")]

    def __str__(self) -> str:
        return f"@{self.member}"
