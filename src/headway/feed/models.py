"""What changed, when and why: append-only."""

from __future__ import annotations

from django.db import models

from headway.accounts.models import Person, Workspace


class Change(models.Model):
    """`subject` is what changed (`objective:fast-start`, `key_result:fast-start/ttv`…).

    `what` is `created`, `archived`, `status`, or a field's name; `before` and `after` are words or
    numbers as people read them. The rows are the audit trail, and what messages are made from.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="changes")
    subject = models.CharField(max_length=160, db_index=True)
    title = models.CharField(max_length=250)
    what = models.CharField(max_length=40)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    why = models.TextField(blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-at"])]

    def __str__(self) -> str:
        return f"{self.title}: {self.what}"
