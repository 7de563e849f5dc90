"""Where events come from, and which files hold them."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from headway.accounts.models import Workspace
from headway.engine.definition import duration
from headway.ingest.definition import SourceDefinition, read
from headway.ingest.kinds import KINDS, SourceKind
from headway.ingest.packing import unpacked

Content = bytes
"""Rows have a field of this name."""


class Source(models.Model):
    """`watermark` is the last event received; past it and `usual_gap_days`, days are unknown.

    `body` holds what is written of a warehouse's table; what follows it is what the last probe
    found there.
    """

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
    counted = models.BooleanField(
        default=True, help_text="Whether every event is counted by name, also the oldest."
    )
    learnt_gap_days = models.PositiveSmallIntegerField(default=2)
    managed_in_code = models.BooleanField(default=False)
    body = models.JSONField(default=dict)
    probed_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, help_text="Why its table could not be read.")
    names = models.JSONField(default=list, help_text="Event names with their rows.")
    identities = models.CharField(
        max_length=64, blank=True, help_text="Another one: other ids are joined than before."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="source_key")]

    def __str__(self) -> str:
        return self.name or self.key

    @property
    def gap_days(self) -> int:
        return self.usual_gap_days or self.learnt_gap_days

    @property
    def definition(self) -> SourceDefinition:
        own = {"key": self.key, "name": self.name, "kind": self.kind}
        return read({**self.body, **own, "usual_gap_days": self.usual_gap_days})

    @property
    def sort(self) -> SourceKind:
        return KINDS[self.kind]

    @property
    def is_warehouse(self) -> bool:
        return self.sort.is_table

    @property
    def last_fetch(self) -> Fetch | None:
        """None before the first one."""
        return getattr(self, "fetch", None)

    @property
    def is_fetched(self) -> bool:
        return self.sort.fetcher is not None

    @property
    def asked_as(self) -> frozenset[str]:
        """What a metric may name to read it: a metric that names nothing reads no warehouse."""
        return frozenset([self.key] if self.is_warehouse else [self.key, ""])

    def due(self, now: datetime) -> bool:
        """Whether it is time for another probe."""
        pause = duration(self.definition.every)
        return self.probed_at is None or not self.probed_at <= now < self.probed_at + pause


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


class Replaced(models.Model):
    """A part that the manifest names no more; its file stays for who still reads it."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="replaced")
    path = models.CharField(max_length=300)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.path


class Seen(models.Model):
    """What came in under one name; `days` are the last ones, UTC day → rows.

    `properties`: name → its `type`, `rows`, when `first` and `last`, `was` and `since` where the
    type became another one, `lacking` events and when one `lacked` it last.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="seen")
    name = models.CharField(max_length=200)
    rows = models.BigIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    days = models.JSONField(default=dict)
    properties = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="seen_once")]

    def __str__(self) -> str:
        return self.name


class PlannedEvent(models.Model):
    """An event of the tracking plan. What comes in as one of `also` is read as this one."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="events")
    key = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    also = models.JSONField(default=list)
    properties = models.JSONField(default=dict, help_text="Name → type, and whether required.")
    declared_at = models.DateTimeField()
    managed_in_code = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="planned_once")]
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class Report(models.Model):
    """Something odd about what comes in. It is raised once, until somebody settles it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="reports")
    code = models.CharField(max_length=20)
    event = models.CharField(max_length=200)
    property = models.CharField(max_length=200, blank=True)
    words = models.TextField()
    suggestion = models.TextField(blank=True)
    other = models.CharField(max_length=200, blank=True, help_text="The name that may be meant.")
    since = models.DateField()
    raised_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_as = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "code", "event", "property"], name="reported_once"
            )
        ]
        ordering = ["-raised_at", "-pk"]

    def __str__(self) -> str:
        return self.words


class Blocked(models.Model):
    """An id, as a keyed hash, whose events are left out when they come in."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="blocked")
    digest = models.CharField(max_length=32)
    rewrite = models.ForeignKey("Rewrite", models.SET_NULL, null=True, related_name="blocked")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "digest"], name="blocked_once")]

    def __str__(self) -> str:
        return self.digest


class Rewrite(models.Model):
    """What was written down is written again: without a person, without what is personal, or
    under another name. Once it is done nothing of it is personal, and it is the receipt.

    `what` is needed until then: ids and whose they were, or names. `account` is what was done.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="rewrites")
    kind = models.CharField(max_length=10)
    digest = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=10, default="waiting")
    what = models.JSONField(default=dict)
    account = models.JSONField(default=dict)
    blocks = models.BooleanField(default=False)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:8]}".strip()


class WriteKey(models.Model):
    """Whoever has it may send events to the source, and nothing else; browsers show it to anybody.

    `value` is therefore kept as it is.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="write_keys")
    value = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.value[:6]}…)"


class Delivered(models.Model):
    """The inbox: a delivery of an SDK that is on disk, and not yet in the store.

    With a `problem` it is set aside: nobody could read it. `body` is packed with LZ4, and `bytes`
    is what it has unpacked.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="inbox")
    dialect = models.CharField(max_length=30)
    path = models.CharField(max_length=200)
    query = models.TextField(help_text="JSON.")
    headers = models.TextField(help_text="JSON.")
    body = models.BinaryField()
    bytes = models.IntegerField()
    received_at = models.DateTimeField()
    problem = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.dialect} {self.path}, {self.received_at:%Y-%m-%d %H:%M:%S}"

    @property
    def content(self) -> Content:
        """The body as it was sent."""
        return unpacked(Content(self.body), self.bytes)


class Keeping(models.Model):
    """Since which day all raw events are here, where a workspace does not keep them for ever.

    `asked` is its setting and since when it is that. While `removing`, parts still hold older ones.
    `rests` are the marks of what of older events stays because numbers rest on it, each with the
    day before which it does not have everything; empty: it does. `removed` were in all, `stayed`
    the last time.
    """

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="keeping")
    asked = models.CharField(max_length=12)
    asked_at = models.DateTimeField()
    kept_from = models.DateField(null=True)
    removing = models.BooleanField(default=False)
    rests = models.JSONField(default=dict)
    removed = models.BigIntegerField(default=0)
    stayed = models.BigIntegerField(default=0)
    removed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"from {self.kept_from}"


class Refusal(models.Model):
    """What of a delivery was no event, and why. Only the newest of a source are kept.

    `at` is its place in the delivery, counted from 0.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="refusals")
    dialect = models.CharField(max_length=30)
    received_at = models.DateTimeField()
    at = models.IntegerField()
    reason = models.TextField()
    text = models.TextField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.reason


class Fetch(models.Model):
    """How far a source that is fetched has come, when it is fetched next, and what went wrong.

    Whoever fetches holds it until `held_until`; `done_at` is when it was last known in full.
    `failures` counts those since, and `note` says what is waited for.
    """

    source = models.OneToOneField(Source, models.CASCADE, related_name="fetch")
    cursor = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    added = models.BigIntegerField(default=0)
    last_added = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"fetch of {self.source_id}"


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
    names = models.JSONField(null=True, help_text="Which events changed; null: any may have.")
    columns = models.JSONField(
        null=True, help_text="What of them changed; null: some came or went."
    )

    def __str__(self) -> str:
        return f"{self.first}…{self.last}"


class Fingerprint(models.Model):
    """A UTC day of a warehouse's table as the last probe found it; another value: it changed.

    Of its `rows`, `markers` only say who somebody is.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="fingerprints")
    day = models.DateField()
    value = models.CharField(max_length=100, blank=True)
    rows = models.BigIntegerField(default=0)
    markers = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "day"], name="one_fingerprint")]

    def __str__(self) -> str:
        return f"{self.day}: {self.value}"
