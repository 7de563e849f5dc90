"""What is expected in between, and the milestones of a key result: their faults in a document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from headway.engine.shape import Fault
from headway.files.document import KeyResult

if TYPE_CHECKING:
    pass


def pace_faults(item: KeyResult, starts: date, due: date) -> Iterator[Fault]:
    """Paths are relative to the key result, which lasts from `starts` to `due`."""
    if item.phases and item.pace == "seasonal":
        fix = "Leave `phases` out, or `pace`."
        yield Fault(("pace",), "It is expected by `phases` or by the season, not both.", fix)
    if item.pace == "phased" and not item.phases and not item.milestones:
        fix = "Give for example `phases: {2026-10-31: 250}`, or leave `pace` out."
        yield Fault(("pace",), "There are no values to expect by certain days.", fix)
    if (item.phases or item.pace != "linear") and item.keep is not None:
        fix = "Leave `phases` and `pace` out."
        yield Fault(("pace",), "What is kept is expected inside its bounds on every day.", fix)
    if item.pace == "seasonal" and item.metric is None:
        fix = "Leave `pace` out, or give `phases`."
        yield Fault(("pace",), "What nothing measures has no season to follow.", fix)
    for day in item.phases:
        yield from _day_faults(day, starts, due)
    yield from _milestone_faults(item, starts, due)


def _day_faults(written: str, starts: date, due: date) -> Iterator[Fault]:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        fix = "Write a day such as 2026-10-31."
        yield Fault(("phases", written), f"`{written}` is not a day.", fix)
        return
    if not starts <= day < due:
        fix = f"Choose days from {starts} on and before {due}, when it is due."
        yield Fault(("phases", written), f"{day} is not between the days of the key result.", fix)


def _milestone_faults(item: KeyResult, starts: date, due: date) -> Iterator[Fault]:
    names = [m.name.strip() for m in item.milestones]
    for n, one in enumerate(item.milestones):
        if names[n] in names[:n]:
            message = f"“{names[n]}” is there twice."
            yield Fault(("milestones", n, "name"), message, "Give each a name of its own.")
        if one.due is not None and not starts <= one.due <= due:
            fix = f"Choose a day from {starts} to {due}."
            yield Fault(("milestones", n, "due"), f"{one.due} is outside the key result.", fix)
        if item.pace == "phased" and one.due is None:
            fix = "Give `due`, or leave `pace` out."
            message = "A milestone that is expected by its day needs one."
            yield Fault(("milestones", n), message, fix)
    if item.milestones and item.phases:
        fix = "Write `pace: phased` to expect each milestone by its own day."
        yield Fault(("phases",), "Milestones have days of their own.", fix)
