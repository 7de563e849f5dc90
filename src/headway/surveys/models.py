"""What people are asked in the product."""

from __future__ import annotations

from typing import Any

from django.db import models

from headway.accounts.models import Workspace
from headway.ingest.models import Source
from headway.surveys.definition import KINDS, SurveyDefinition, read


class Survey(models.Model):
    """`body` holds what is written of it beside its columns. Its answers are events of `source`."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="surveys")
    key = models.SlugField()
    name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=10)
    source = models.ForeignKey(Source, models.CASCADE, related_name="surveys")
    body = models.JSONField(default=dict)
    answers = models.BigIntegerField(
        default=0, help_text="How many there are, where it ends after enough of them."
    )
    managed_in_code = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="survey_key")]
        ordering = ["name", "key"]

    def __str__(self) -> str:
        return self.name or self.key

    @property
    def definition(self) -> SurveyDefinition:
        own: dict[str, Any] = {"key": self.key, "name": self.name, "kind": self.kind}
        return read({**self.body, **own, "source": self.source.key})

    @property
    def sort(self) -> str:
        return next(words for kind, words in KINDS.items() if kind == self.kind)
