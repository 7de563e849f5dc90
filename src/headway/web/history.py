"""What changed, in words: rows of the feed about an objective, its key results, or a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from headway.feed.models import Change
from headway.goals.models import KeyResult, Objective
from headway.web.context import Here

DONE = {
    "created": "was created",
    "archived": "was archived",
    "restored": "was restored",
    "check_in": "was checked in",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """A change as a sentence: who, what, from what to what."""

    change: Change
    url: str = ""

    @property
    def words(self) -> str:
        what, before, after = self.change.what, self.change.before, self.change.after
        if what in DONE:
            return f"{DONE[what]}: {after}" if after else DONE[what]
        if before and after:
            return f"{what}: {before} → {after}"
        return f"{what}: {after}" if after else f"{what}: {before} taken out"


def happenings(here: Here, subjects: Q, limit: int) -> list[Happening]:
    """The newest first."""
    found = Change.objects.filter(subjects, workspace=here.workspace).select_related("by")
    return [Happening(c, url(here, c.subject)) for c in found.order_by("-at", "-pk")[:limit]]


def of_objective(objective: Objective) -> Q:
    return Q(subject=f"objective:{objective.key}") | Q(
        subject__startswith=f"key_result:{objective.key}/"
    )


def of_key_result(key_result: KeyResult) -> Q:
    return Q(subject=f"key_result:{key_result.objective.key}/{key_result.key}")


def url(here: Here, subject: str) -> str:
    """The page of what changed; empty for what has none."""
    noun, _, key = subject.partition(":")
    pages = {"objective": "objective", "key_result": "key_result", "metric": "kpi"}
    keys = key.split("/")
    return here.url(pages[noun], *keys) if noun in pages and all(keys) else ""
