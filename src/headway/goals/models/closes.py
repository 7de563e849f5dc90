"""The end of a cycle for a team: what was answered, and the numbers as they were."""

from __future__ import annotations

from datetime import date

from django.db import models

from headway.accounts.models import Person, Team
from headway.goals.models.goals import (
    Cycle,
    KeyResult,
    Objective,
)


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
