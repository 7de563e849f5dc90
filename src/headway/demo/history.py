"""What people said at their check-ins before somebody opened the demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from headway.accounts.models import Workspace
from headway.goals.actions import check_in
from headway.goals.models import CheckIn, KeyResult

SAID_AT = time(15)


@dataclass(frozen=True, slots=True)
class Said:
    """By the key result's owner, `before_end` days before the first day without data."""

    key_result: str
    before_end: int
    confidence: int
    note: str
    value: float | None = None


CDNOW = (
    Said("welcome-back/repeat-rate", 58, 6, "April slipped, but stays above the line."),
    Said("welcome-back/repeat-rate", 27, 7, "May is better than April."),
    Said("welcome-back/buyers-a-month", 58, 4, "April fell short by 13 buyers."),
    Said("welcome-back/buyers-back-up", 27, 2, "March had a sale; we will not see it again."),
    Said("worthwhile-orders/revenue", 58, 6, "66,000 dollars in April: just enough."),
    Said("worthwhile-orders/revenue", 27, 8, "May puts us ahead of plan."),
    Said("worthwhile-orders/discs", 27, 5, "The summer catalogue goes out this week."),
    Said("first-choice/revenue", 27, 6, "Everything depends on the weeks before Christmas."),
)
PARCEL = (
    Said("shops-that-stay/mrr", 50, 6, "A solid start. The trial cohort of September converts."),
    Said("shops-that-stay/mrr", 36, 5, "The outage cost us upgrades. We call everyone affected."),
    Said("shops-that-stay/mrr", 22, 7, "Calls done, churn is back to normal."),
    Said("shops-that-stay/mrr", 8, 7, "Business plans carry it; keep an eye on starters."),
    Said("shops-that-stay/week-4", 36, 4, "Too early to say: the windows are still open."),
    Said("shops-that-stay/week-4", 8, 4, "Flat. Reminder mails alone do not bring shops back."),
    Said("shops-that-stay/signups", 22, 8, "The season helps, as it does each year."),
    Said("shops-that-stay/signups", 8, 8, "Partners now bring one sign-up in twelve."),
    Said("on-the-dot/on-time", 50, 8, "Route planner is live for all couriers."),
    Said("on-the-dot/on-time", 22, 8, "Holding, although volumes rise."),
    Said("on-the-dot/on-time", 8, 7, "Two depots are near their limit before Christmas."),
    Said("on-the-dot/fewer-tickets", 36, 3, "The outage week stays in the mean for a month."),
    Said("on-the-dot/fewer-tickets", 8, 6, "Back below the level of last quarter."),
    Said("on-the-dot/shorter-ways", 22, 2, "No reports from the vans; the supplier is on it."),
    Said("on-the-dot/shorter-ways", 8, 1, "Still no reports; new boxes are ordered."),
    Said("on-the-dot/planner", 22, 6, "Couriers ask for it; shops find it late."),
    Said("beyond-the-label/service-revenue", 36, 6, "Express sells, the returns portal not yet."),
    Said("beyond-the-label/service-revenue", 8, 7, "Insurance sells itself in parcel season."),
    Said("beyond-the-label/new-services", 43, 6, "First talks, mostly fashion shops.", 4),
    Said("beyond-the-label/new-services", 22, 6, "Packaging comes up in every talk.", 9),
    Said("beyond-the-label/new-services", 8, 5, "Shops have little time in these weeks.", 13),
    Said("no-manual-needed/tasks", 29, 5, "Bulk import is where people give up."),
    Said("no-manual-needed/tasks", 8, 4, "New import screen tested with six shops; not shipped."),
    Said("no-manual-needed/always-on", 36, 2, "Database outage: two days below the line."),
    Said("no-manual-needed/always-on", 8, 6, "Fail-over is rehearsed now. One bad week stays."),
    Said("effortless-start/onboarded", 36, 7, "Guided setup keeps working for new shops."),
    Said("effortless-start/onboarded", 8, 7, "The address step is the last hurdle."),
    Said("effortless-start/first-parcel", 8, 5, "Half of the shops wait for their first order."),
)  # fmt: skip


def tell(workspace: Workspace, history: tuple[Said, ...], end: date) -> None:
    """Replays the check-ins in order of time, unless there are any yet; out of cycle ones are
    left out."""
    if CheckIn.objects.filter(key_result__objective__workspace=workspace).exists():
        return
    for said in sorted(history, key=lambda s: -s.before_end):
        _say(workspace, said, end - timedelta(days=said.before_end))


def _say(workspace: Workspace, said: Said, day: date) -> None:
    objective, key = said.key_result.split("/")
    row = KeyResult.objects.select_related("cycle", "owner", "objective__workspace").get(
        objective__workspace=workspace, objective__key=objective, key=key
    )
    if not row.cycle.starts <= day <= row.cycle.ends:
        return
    at = datetime.combine(day, SAID_AT, workspace.calendar.instant(day).tzinfo)
    check_in(
        row, value=said.value, confidence=said.confidence, note=said.note, day=day,
        by=row.owner, now=at,
    )  # fmt: skip
