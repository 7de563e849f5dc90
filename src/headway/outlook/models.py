"""What was found in a metric's past, kept until that past is another one."""

from __future__ import annotations

from django.db import models

from headway.metrics.models import Metric


class Study(models.Model):
    """The answer of one method about a metric at a grain, perhaps `beside` another metric.

    `seen` stands for what was looked at last, and costs no reading of points to compare;
    `fingerprint` for the periods and what was known of them, on which the answer rests. Without an
    answer `reason` says why there is none.
    """

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="studies")
    beside = models.ForeignKey(Metric, models.CASCADE, null=True, related_name="+")
    grain = models.CharField(max_length=7)
    name = models.CharField(max_length=20)
    seen = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "grain", "name"],
                condition=models.Q(beside=None),
                name="one_study",
            ),
            models.UniqueConstraint(
                fields=["metric", "grain", "name", "beside"],
                condition=models.Q(beside__isnull=False),
                name="one_study_beside",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.metric} by {self.grain}"
