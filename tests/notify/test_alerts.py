"""An alert is one mail, once, for those whom it concerns; silent while it is put off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings

from headway.accounts.models import Member, Workspace
from headway.alerting import actions
from headway.alerting.models import Alert, Sign
from headway.metrics.models import Metric
from headway.notify.deliver import make
from headway.notify.digest import preview
from headway.notify.models import Message, Topic
from headway.notify.subscriptions import subscribe
from tests.alerting.conftest import TODAY, Pass, calm, fell, fill, kpi, noon, passes

__all__ = ["passes"]

pytestmark = pytest.mark.django_db
NOW = noon(TODAY)
DAY = timedelta(days=1)


@pytest.fixture
def orders(acme: Workspace, member: Member, passes: Pass) -> Metric:
    orders = kpi(acme, "orders", owner=member)
    fill(orders, fell(0.4))
    fill(kpi(acme, "price"), calm(seed=7))
    formula = {"kind": "formula", "formula": "orders * price"}
    fill(kpi(acme, "revenue", body=formula), fell(0.4, seed=2))
    passes(acme)
    return orders


def mails() -> list[Message]:
    return list(Message.objects.filter(topic=Topic.alert).order_by("pk"))


@override_settings(BASE_URL="https://goals.acme.example")
def test_a_cause_is_one_mail_once(
    acme: Workspace, orders: Metric, member: Member, admin: Member, passes: Pass
) -> None:
    assert make(acme, NOW) >= 1
    (mail,) = mails()
    assert mail.member == member
    assert mail.subject == "Orders: unusually low · Acme"
    assert "was to be expected" in mail.text
    assert "It shows in Revenue." in mail.text, mail.text
    alert = Alert.objects.get()
    assert f"https://goals.acme.example/acme/alerts/{alert.pk}" in mail.text
    make(acme, NOW + DAY)
    assert len(mails()) == 1
    actions.snooze(alert, days=3, by=None, now=NOW)
    passes(acme, TODAY + DAY)
    make(acme, NOW + 2 * DAY)
    assert len(mails()) == 1
    make(acme, NOW + 3 * DAY)
    make(acme, NOW + 3 * DAY)
    assert len(mails()) == 2
    digest = preview(admin, NOW + 3 * DAY)
    assert "WHAT IS WRONG" in digest.text
    assert "1 alert" in digest.subject
    actions.acknowledge(alert, by=None, now=NOW)
    assert "WHAT IS WRONG" not in preview(admin, NOW).text


@override_settings(BASE_URL="https://goals.acme.example")
def test_nobodys_alerts_go_to_the_admins_and_old_news_to_nobody(
    acme: Workspace, orders: Metric, member: Member, admin: Member, passes: Pass
) -> None:
    subscribe(member, {"alert": False}, now=NOW)
    make(acme, NOW)
    assert mails() == []
    Metric.objects.update(owner=None)
    make(acme, NOW)
    assert [mail.member for mail in mails()] == [admin]
    Message.objects.all().delete()
    Sign.objects.update(since=TODAY - 30 * DAY)
    make(acme, NOW)
    assert mails() == []


@override_settings(BASE_URL="https://goals.acme.example")
def test_many_causes_at_once_are_one_mail(
    acme: Workspace, member: Member, admin: Member, passes: Pass
) -> None:
    make(acme, NOW)
    assert mails() == []
    for n in range(40):
        body = {"kind": "count", "event": f"event_{n}", "source": f"source_{n}"}
        fill(kpi(acme, f"metric_{n}", owner=member, body=body), fell(0.4, seed=n % 5))
    assert passes(acme).raised == 40
    make(acme, NOW)
    (mail,) = mails()
    assert mail.subject == "40 alerts · Acme"
    assert mail.text.count("unusually low") == 12
    assert "... and 28 more." in mail.text
    assert mail.html.count("<strong>") == 12
    make(acme, NOW + DAY / 24)
    assert len(mails()) == 1
    later = kpi(acme, "later", owner=member, body={"kind": "count", "event": "e", "source": "s"})
    fill(later, [*calm(seed=6), 30.0])
    passes(acme, TODAY + DAY)
    make(acme, NOW + DAY)
    assert [m.subject for m in mails()[1:]] == ["Later: unusually low · Acme"]
    first = Alert.objects.get(cause="metric:metric_7")
    actions.snooze(first, days=2, by=None, now=NOW + DAY)
    make(acme, NOW + 2 * DAY)
    assert len(mails()) == 2
    make(acme, NOW + 3 * DAY)
    assert mails()[2].subject.startswith("Metric_7")
