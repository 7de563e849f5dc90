"""People, the workspaces they work in, and how they prove who they are."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from headway.engine.money import Exchange
from headway.engine.period import WEEKDAYS, Calendar


class Role(models.TextChoices):
    admin = "admin", "Admin"
    member = "member", "Member"
    viewer = "viewer", "Viewer"


class People(BaseUserManager["Person"]):
    def create_person(self, email: str, password: str | None, name: str = "") -> Person:
        person = self.model(email=self.normalize_email(email).lower(), name=name)
        person.set_password(password)
        person.save()
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """Signs in with an e-mail address. `last_seen_at` bounds "changes since my last visit"."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = People()

    def __str__(self) -> str:
        return self.name or self.email


class Workspace(models.Model):
    """One company. `clock` stops its time at a moment: for data that ended in the past."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    notice = models.CharField(max_length=300, blank=True, help_text="Shown on every page.")
    vision = models.TextField(blank=True)
    strategy = models.TextField(blank=True)
    timezone = models.CharField(max_length=64, default="UTC")
    week_starts = models.CharField(
        max_length=9, default="monday", choices=[(d, d.capitalize()) for d in WEEKDAYS]
    )
    currency = models.CharField(max_length=3, default="EUR")
    rates = models.JSONField(
        default=dict, blank=True, help_text="Currency → first day → what one of it is worth."
    )
    grain = models.CharField(
        max_length=7, default="week", help_text="At which grain KPIs are usually read."
    )
    cadence_days = models.PositiveSmallIntegerField(default=7, help_text="Days between check-ins.")
    mail_day = models.CharField(
        max_length=9, default="monday", choices=[(d, d.capitalize()) for d in WEEKDAYS]
    )
    mail_hour = models.PositiveSmallIntegerField(
        default=9, help_text="Hour of the day, 0 to 23, of reminders and digests."
    )
    on_track_within = models.FloatField(default=0.05)
    behind_within = models.FloatField(default=0.25)
    aspirational_success = models.FloatField(default=0.7)
    well_judged_from = models.FloatField(
        default=0.5, help_text="From this mean score on, aspirational goals are well judged."
    )
    edit_managed = models.BooleanField(
        default=False, help_text="Objects from files may be edited in the web."
    )
    journey = models.JSONField(
        default=list, blank=True, help_text="Stages of the journey board; empty: the usual ones."
    )
    personal = models.JSONField(
        default=dict, blank=True, help_text="Personal properties: name → `hash` or `drop`."
    )
    keep_events = models.CharField(
        max_length=12, blank=True, help_text="For how long raw events are kept; empty: for ever."
    )
    coach_off = models.JSONField(
        default=list, blank=True, help_text="Codes of the coach's rules that are switched off."
    )
    clock = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(self.timezone, self.week_starts)

    @property
    def exchange(self) -> Exchange:
        return Exchange.read(self.currency, self.rates)

    def at(self, now: datetime) -> datetime:
        """The workspace's present: its stopped clock, or `now`."""
        return self.clock or now


class Member(models.Model):
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.member)
    last_visit_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "person"], name="one_membership")
        ]

    def __str__(self) -> str:
        return str(self.person)


class Team(models.Model):
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="teams")
    key = models.SlugField()
    name = models.CharField(max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    people = models.ManyToManyField(Member, related_name="teams", blank=True)
    managed_in_code = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="team_key")]

    def __str__(self) -> str:
        return self.name


class Token(models.Model):
    """A key to the API. Only its SHA-256 is kept; it acts as its member, no more."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Invitation(models.Model):
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.member)
    email = models.EmailField(
        blank=True, help_text="When given, only this address may use the link."
    )
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.role} of {self.workspace}"


class Link(models.Model):
    """A page that anybody with its address may read. Only the SHA-256 of its secret is kept.

    `path` is the page's address within the workspace, such as `objectives/fast-start`, and `query`
    what was chosen on it.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="links")
    path = models.CharField(max_length=300)
    query = models.CharField(max_length=300, blank=True)
    title = models.CharField(max_length=250)
    digest = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True, help_text="When it was last opened.")

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.title
