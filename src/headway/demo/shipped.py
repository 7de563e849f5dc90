"""What Parcel shipped before somebody opened the demo: its simulated launches, and one more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from headway.accounts.models import Workspace
from headway.demo.parcel.truth import LAUNCHES
from headway.goals.outputs import save_output

AT = time(9)


@dataclass(frozen=True, slots=True)
class Shipped:
    """So many days before the first day without data."""

    key: str
    before_end: int

    def day(self, end: date) -> date:
        return end - timedelta(days=self.before_end)


SHIPPED = (*(Shipped(one.key, one.before_end) for one in LAUNCHES), Shipped("dark-mode", 25))


def launch(workspace: Workspace, end: date) -> None:
    """Says of each output that it went out on its day, in the order of these."""
    waiting = workspace.outputs.filter(launched=None).select_related("owner__person")
    outputs = {output.key: output for output in waiting}
    for one in sorted(SHIPPED, key=lambda one: -one.before_end):
        if (output := outputs.get(one.key)) is None:
            continue
        day = one.day(end)
        at = datetime.combine(day, AT, workspace.calendar.instant(day).tzinfo)
        save_output(workspace, key=one.key, launched=day, by=output.owner, now=at)
