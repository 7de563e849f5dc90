"""What every KPI of the catalogue is at Parcel, from what the simulation decided.

Nothing here reads an event or asks the engine: these are the columns from which the events were
made, so that both ways to a number can be compared.
"""

from __future__ import annotations

from headway.demo.parcel.generate import Parcel
from headway.demo.parcel.truths.create import create
from headway.demo.parcel.truths.engage import engage
from headway.demo.parcel.truths.loyalty import loyalty
from headway.demo.parcel.truths.money import money
from headway.demo.parcel.truths.operate import operate
from headway.demo.parcel.truths.reach import reach
from headway.demo.parcel.truths.reads import Reads
from headway.demo.parcel.truths.work import Work

__all__ = ["Reads", "truths"]


def truths(parcel: Parcel) -> dict[str, Reads]:
    """By the key of Parcel's metric. Goes through all working days, which takes a while.

    Parts are under keys such as `mrr_movements.new`, segments under `customers country=DE`, and
    those who came to a step of a funnel under `pipeline_conversion step 2`.
    """
    work = Work.of(parcel)
    return {
        **create(parcel, work),
        **operate(parcel, work),
        **reach(parcel),
        **engage(parcel, work),
        **money(parcel, work),
        **loyalty(parcel, work),
    }
