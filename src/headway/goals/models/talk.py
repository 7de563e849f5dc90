"""What is said of goals: comments, whom they name, and findings of the coach that are waived."""

from __future__ import annotations

from django.db import models

from headway.accounts.models import Member, Person
from headway.goals.models.goals import (
    KeyResult,
    Objective,
)


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
