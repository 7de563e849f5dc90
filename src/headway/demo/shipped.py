"""What Parcel shipped before somebody opened the demo: its simulated launches, and one more."""

from __future__ import annotations

from datetime import date, datetime, time

from headway.accounts.models import Workspace
from headway.demo.calendar import SHIPPED
from headway.goals.outputs import save_output

AT = time(9)


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
