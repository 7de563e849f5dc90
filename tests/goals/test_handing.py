"""Back to monitoring: one series, a KPI with an owner and a range."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from headway.accounts.models import Member
from headway.engine.errors import Conflict, DefinitionError
from headway.feed.models import Change
from headway.goals.close.handing import hand_back
from headway.goals.models import KeyResult
from headway.metrics.models import Metric
from tests.goals.conftest import FIRST, moment, put
from tests.goals.test_actions import MANUAL

Save = Callable[..., KeyResult]


def test_what_was_reached_is_watched_in_one_series(
    save: Save, orders: Metric, member: Member
) -> None:
    put(orders, FIRST, [float(n) for n in range(101)])
    found = save(0, metric=orders, shape="reach", baseline_typed=0.0, target=90.0, owner=member)
    points = list(orders.points.order_by("start").values_list("start", "value"))
    with pytest.raises(Conflict, match="runs until"):
        hand_back(found, by=member, now=moment(99))
    kpi = hand_back(found, at_least=90.0, note="It holds.", by=member, now=moment(101))
    assert (kpi.level, kpi.owner, kpi.profile["healthy"]) == ("kpi", member, {"at_least": 90})
    assert kpi.version == 1, "it is computed as before"
    assert list(kpi.points.order_by("start").values_list("start", "value")) == points
    change = Change.objects.get(what="handed_back")
    assert (change.subject, change.why) == ("key_result:effortless-start/orders", "It holds.")
    with pytest.raises(Conflict, match="already"):
        hand_back(found, by=member, now=moment(101))


def test_what_nothing_measures_has_no_kpi_to_go_back_to(save: Save) -> None:
    with pytest.raises(DefinitionError):
        hand_back(save(0, **MANUAL), by=None, now=moment(101))
