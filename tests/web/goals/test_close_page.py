"""A cycle closed on its pages, from the first step to the next cycle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.test import Client

from headway.accounts.actions import save_team
from headway.accounts.models import Member, Workspace
from headway.goals import actions
from headway.goals.models import Close, KeyResult
from headway.goals.refresh import refresh

Enter = Callable[[Member], Client]
AT = "/acme/reviews/2026-feb/shop"
OPENS, ENDS = date(2026, 2, 1), date(2026, 2, 28)


def goals(shop: Workspace, now: datetime) -> None:
    """Two objectives of February, which ended yesterday or so; orders are ten a day."""
    team = save_team(shop, key="shop", name="Shop", by=None, now=now)
    cycle = actions.save_cycle(
        shop, key="2026-feb", name="February", starts=OPENS, ends=ENDS, by=None,
        now=now - timedelta(days=30),
    )  # fmt: skip
    for number, target in enumerate((100.0, 60.0)):
        made = actions.save_objective(
            shop, key=f"goal-{number}", title=f"Goal {number}", team=team, cycle=cycle, by=None,
            now=now - timedelta(days=30 - number),
        )  # fmt: skip
        actions.save_key_result(
            made, metric=shop.metrics.get(key="orders"), shape="reach", baseline_typed=0.0,
            target=target, by=None, now=now - timedelta(days=30),
        )  # fmt: skip
    refresh(shop, now=now)


def test_a_cycle_is_closed_step_by_step_and_the_next_one_drafted(
    shop: Workspace, member: Member, viewer: Member, enter: Enter, now: datetime
) -> None:
    goals(shop, now)
    watcher = enter(viewer)
    assert b"over, not closed yet" in watcher.get("/acme/reviews").content
    assert watcher.get(f"{AT}/close").status_code == 403
    client = enter(member)
    assert b"Begin" in client.get(f"{AT}/close").content
    assert client.get(f"{AT}/next").status_code == 409
    first = client.post(f"{AT}/close")
    assert first.url == f"{AT}/close/goal-0"  # type: ignore[attr-defined]  # a redirect
    shown = client.get(first.url).content.decode()  # type: ignore[attr-defined]
    assert "Step 1 of 2" in shown
    said = {"orders-choice": "drop", "orders-target": "no number", "learnt": "", "next": "1"}
    shown = client.post(f"{AT}/close/goal-0", said).content.decode()
    assert "no number" in shown, "what was typed is still there"
    said |= {"orders-target": ""}
    shown = client.post(f"{AT}/close/goal-0", said).content.decode()
    assert "Say why it is dropped" in shown
    assert "Say in a sentence what was learnt" in shown
    left = client.post(f"{AT}/close/goal-0", {"orders-choice": "raise", "later": "1"}, follow=True)
    assert b"kept" in left.content
    assert b"begun: 0 of 2 answered" in left.content
    glance = client.get(f"{AT}/close").content.decode()
    assert "Give the new target: Orders." in glance
    assert "Answer “Goal 0” first" in glance
    said = {
        "orders-choice": "raise", "orders-target": "120", "orders-score": "80 %",
        "orders-score_reason": "Ill for a week.", "learnt": "Ask sooner.", "next": "1",
    }  # fmt: skip
    assert client.post(f"{AT}/close/goal-0", said).url == f"{AT}/close/goal-1"  # type: ignore[attr-defined]
    said = {"orders-choice": "hand_back", "orders-at_least": "50", "learnt": "Fine.", "next": "1"}
    assert client.post(f"{AT}/close/goal-1", said).url == f"{AT}/close"  # type: ignore[attr-defined]
    ready = client.get(f"{AT}/close").content.decode()
    assert ready.count("Answered") == 2
    closed = client.post(f"{AT}/finish", {"learnt": "Together."}, follow=True)
    assert closed.redirect_chain[-1][0] == f"{AT}/next"
    draft = closed.content.decode()
    assert 'value="2026-03-01"' in draft
    assert 'value="2026-03-31"' in draft
    assert 'value="120"' in draft
    assert ">120<" in draft, "and in words below the field"
    said = {
        "name": "March", "key": "2026-mar", "starts": "2026-03-01", "ends": "2026-03-31",
        "goal-0/orders-title": "Many orders", "goal-0/orders-target": "",
        "goal-0/orders-keep": "on",
    }  # fmt: skip
    assert b"Give the value to reach" in client.post(f"{AT}/next", said).content
    assert not shop.cycles.filter(key="2026-mar").exists(), "nothing is half saved"
    saved = client.post(f"{AT}/next", said | {"goal-0/orders-target": "130"}, follow=True)
    assert b"March begins with 1 key result of Shop" in saved.content
    assert client.post(f"{AT}/next", {}, follow=True).status_code == 200
    made = KeyResult.objects.get(cycle__key="2026-mar")
    assert (str(made), made.target, str(made.objective)) == ("Many orders", 130, "Goal 0")
    assert "is in March already" in client.get(f"{AT}/next").content.decode()

    review = client.get(AT).content.decode()
    for part in ("Closed on 2 Mar 2026", "0.80 (computed 0.70; set: Ill for a week.)",
                 "Ask sooner.", "Together.", "Many orders", "Reopen this cycle"):  # fmt: skip
        assert part in review, part
    pdf = client.get(f"{AT}?format=pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert "# Shop: February" in client.get(f"{AT}?format=md").content.decode()
    assert client.get(f"{AT}?format=json").json()["objectives"][0]["score_given"] is None
    assert client.get(f"{AT}?format=doc").status_code == 422
    assert b"<strong>0.90</strong>" in client.get("/acme/reviews").content
    edit = client.post("/acme/objectives/goal-0/orders/check-in", {"confidence": "3", "note": "x"})
    assert b"cannot change" in edit.content
    assert b"takes a reason" in client.post(f"{AT}/reopen", {"reason": " "}, follow=True).content
    assert client.post(f"{AT}/reopen", {"reason": "A typo."}).url == f"{AT}/close"  # type: ignore[attr-defined]
    assert Close.objects.get().closed_at is None
    assert enter(viewer).post(f"{AT}/reopen", {"reason": "No."}).status_code == 403


def test_reviews_without_goals_say_what_will_stand_there(
    stopped: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    assert b"Nothing to look back on yet" in client.get("/acme/reviews").content
    assert client.get("/acme/reviews/2026-q9/nobody").status_code == 404
