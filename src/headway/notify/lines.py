"""What a mail says of a key result or an alert: a line of words with its link."""

from __future__ import annotations

from dataclasses import dataclass

from headway.alerting.reading import Story
from headway.charts import formats
from headway.goals.ahead.words import brief
from headway.goals.aims import unit_of
from headway.goals.models import KeyResult, Shape
from headway.goals.progress import Status
from headway.metrics.ranges import healthy_words
from headway.notify import addresses


@dataclass(frozen=True, slots=True)
class Line:
    """`numbers` are where it stands, such as `59 of 110, through 19 Feb 2026`."""

    title: str
    url: str
    status: str
    numbers: str
    reason: str
    context: str

    @staticmethod
    def of(row: KeyResult) -> Line:
        workspace = row.objective.workspace
        owner = row.owner or "nobody owns it"
        return Line(
            title=str(row),
            url=addresses.page(workspace, "key_result", row.objective.key, row.key),
            status=Status(row.status).words,
            numbers=_numbers(row, workspace.currency),
            reason=" ".join(filter(None, (row.reason, brief(row)))),
            context=f"{row.objective} · {owner} · due {formats.day(row.due)}",
        )

    @staticmethod
    def of_alert(story: Story) -> Line:
        workspace, since = story.alert.workspace, story.since
        return Line(
            title=story.title,
            url=addresses.page(workspace, "alert", str(story.alert.pk)),
            status="",
            numbers=story.sentence,
            reason=f"Since {formats.day(since)}.",
            context=story.depends,
        )


def _numbers(row: KeyResult, currency: str) -> str:
    unit = unit_of(row)
    if row.shape == Shape.milestones:
        done = "unknown" if row.progress is None else formats.way(row.progress)
        return f"{done} of the milestones done"
    value = formats.value(row.value, unit, currency)
    if row.shape == Shape.keep:
        bounds = {"at_least": row.at_least, "at_most": row.at_most}
        return f"{value}, to be {healthy_words(bounds, unit, currency)}"
    through = f", through {formats.day(row.value_through)}" if row.value_through else ""
    return f"{value}, to be {formats.value(row.aim, unit, currency)}{through}"
