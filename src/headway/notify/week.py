"""When reminders and digests leave: on a day and at an hour of the workspace's own week."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from headway.accounts.models import Workspace
from headway.engine.period import WEEKDAYS

STILL_WORTH_IT = timedelta(hours=12)
"""When the worker stood still for longer, a week's mails are left out: their news is old."""


def sending(workspace: Workspace, now: datetime) -> datetime:
    """The last moment not after `now` at which mails were to leave."""
    zone = ZoneInfo(workspace.timezone)
    local = now.astimezone(zone)
    back = (local.weekday() - WEEKDAYS.index(workspace.mail_day)) % 7
    hour = time(workspace.mail_hour)
    moment = datetime.combine(local.date() - timedelta(days=back), hour, zone)
    if moment > now:
        moment = datetime.combine(moment.date() - timedelta(days=7), hour, zone)
    return moment


def is_worth_it(moment: datetime, now: datetime) -> bool:
    return now - moment <= STILL_WORTH_IT
