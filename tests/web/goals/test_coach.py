"""What the coach says on pages and while one types."""

from __future__ import annotations

import pytest

from headway.feed.models import Change
from headway.files.export import export
from headway.goals.advice.waivers import waive
from headway.goals.models import KeyResult, Objective
from tests.goals.conftest import moment
from tests.web.goals.conftest import browser, page

pytestmark = pytest.mark.django_db


def test_all_findings_stand_under_their_team(
    as_member, as_viewer, new_objective, new_key_result, orders
):
    launch = new_objective("Launch the new app")
    new_key_result(launch, shape="reach", metric=orders, title="Page views", target=900.0)
    text = page(as_member, "/acme/coach")
    growth, kpis = text.index("<h2>Growth"), text.index("<h2>KPIs")
    assert growth < text.index("“Launch the new app” is work") < kpis
    assert growth < text.index("“Page views” counts attention") < kpis
    assert kpis < text.index("It has no healthy range.")
    assert 'href="/acme/objectives/launch-the-new-app"' in text
    assert "Waive" in text
    assert "Waive" not in page(as_viewer, "/acme/coach")
    assert "KPIs <" not in page(as_member, "/acme/coach", cycle="2026-q1")
    assert "/acme/coach" in page(as_member, "/acme/objectives")


def test_content_is_said_in_words(as_member, acme):
    assert "Nothing to say" in page(as_member, "/acme/coach")


def test_a_finding_is_waived_and_taken_up(as_member, as_viewer, member, new_objective):
    launch = new_objective("Launch the new app")
    address = "/acme/objectives/launch-the-new-app"
    assert "is work, not what it brings about" in page(as_member, address)
    asked = {"where": "objective:launch-the-new-app", "code": "objective-output"}
    empty = as_member.post("/acme/coach/silence", asked, follow=True).content.decode()
    assert "A waiver needs a reason." in empty
    assert as_viewer.post("/acme/coach/silence", {**asked, "reason": "Hm."}).status_code == 403
    sent = {**asked, "reason": "The launch is the law here."}
    assert as_member.post("/acme/coach/silence", sent)["Location"].endswith(address)
    text = page(as_member, address)
    assert f"“The launch is the law here.” {member}" in text
    assert "is work, not what it brings about. " not in page(as_member, "/acme/coach")
    as_member.post("/acme/coach/silence", {**asked, "again": "1"})
    assert not launch.waivers.exists()
    wrong = as_member.post("/acme/coach/silence", {**asked, "where": "team:growth", "reason": "x"})
    assert wrong.status_code == 404


def test_rules_are_switched_in_the_settings(admin, as_member, new_objective, acme):
    new_objective("Launch the new app")
    as_admin = browser(admin)
    text = page(as_admin, "/acme/settings/coach")
    assert 'value="objective-output" checked' in text
    on = [c for c in _codes(text) if c != "objective-output"]
    as_admin.post("/acme/settings/coach", {"on": on})
    acme.refresh_from_db()
    assert acme.coach_off == ["objective-output"]
    assert "is work" not in page(as_admin, "/acme/coach")
    assert "<code>objective-output</code>" in page(as_admin, "/acme/coach")
    assert as_member.post("/acme/settings/coach", {"on": []}).status_code == 403
    assert "disabled" in page(as_member, "/acme/settings/coach")


def _codes(text: str) -> list[str]:
    return [part.split('"')[0] for part in text.split('name="on" value="')[1:]]


def test_while_one_types_an_objective(as_member, new_objective, acme):
    form = page(as_member, "/acme/objectives/new")
    assert 'hx-get="/acme/coach/objective"' in form
    assert 'aria-live="polite"' in form
    typed = page(as_member, "/acme/coach/objective", title="Increase revenue by 20 %")
    assert "“20 %”" in typed
    assert page(as_member, "/acme/coach/objective", title=" ").strip() == ""
    assert page(as_member, "/acme/coach/objective", title="Shops love us").strip() == ""
    kept = new_objective("Launch the new app")
    waive(kept, "objective-output", "So it is.", by=None, now=moment(1))
    again = page(as_member, "/acme/coach/objective", title=kept.title, objective=kept.key)
    assert again.strip() == ""
    assert Objective.objects.count() == 1


def test_while_one_types_a_key_result(as_member, objective, orders, share):
    form = page(as_member, f"/acme/objectives/{objective.key}/key-results/new")
    address = f"/acme/coach/objectives/{objective.key}/key-result"
    assert f'hx-get="{address}"' in form
    asked = {"shape": "reach", "metric": "orders", "over": "latest", "due": "2026-04-11"}
    assert "A target" not in page(as_member, address, **asked)
    assert "Chance alone" not in page(as_member, address, **asked, target="900")
    assert "Page views" in page(as_member, address, **asked, title="Page views", target="900")
    wrong = page(as_member, address, **asked, baseline_typed="20", target="5")
    assert "More is better here" in wrong
    assert page(as_member, address, shape="reach").strip() == ""
    assert "Two results" not in page(as_member, address, **asked, target="not a number")
    promoted = page(as_member, "/acme/coach/kpis/orders", **asked, title="Launch it", target="9")
    assert "is work" in promoted
    words = "Reach 900 orders"
    assert "“900”" in page(as_member, "/acme/coach/kpis/orders", **asked, new_objective=words)
    chosen = {"new_objective": words, "objective": objective.key}
    assert "“900”" not in page(as_member, "/acme/coach/kpis/orders", **asked, **chosen)
    assert not KeyResult.objects.exists()


def test_without_scripts_findings_are_shown_after_saving_which_they_never_prevent(
    as_member, team, cycle
):
    sent = {
        "title": "Launch the new app", "team": team.key, "cycle": cycle.key,
        "ambition": "committed", "no_script": "1",
    }  # fmt: skip
    shown = as_member.post("/acme/objectives/new", sent, follow=True).content.decode()
    assert Objective.objects.get().title == "Launch the new app"
    assert "“Launch the new app” is work, not what it brings about." in shown


def test_while_one_types_a_kpi(as_member, orders):
    form = {
        "kind": "count", "event": "order", "name": "Sold", "key": "sold", "level": "kpi",
        "direction": "up",
    }  # fmt: skip
    said = as_member.post("/acme/kpis/new/preview", form).content.decode()
    assert "It measures the same as “Orders”." in said
    assert "It has no healthy range." in said
    plain = as_member.post("/acme/kpis/new/preview", {**form, "level": "metric"})
    assert "It measures" not in plain.content.decode()
    without = as_member.post("/acme/kpis/new/count", {**form, "do": "preview"}).content.decode()
    assert "It measures the same as “Orders”." in without


def test_a_finding_of_a_kpi_is_waived_on_its_page(as_member, as_viewer, acme, orders):
    orders.level = "kpi"
    orders.save()
    address, range_ = "/acme/kpis/orders", "kpi-no-range"
    assert "It has no healthy range." in page(as_member, address)
    assert "Waive" not in page(as_viewer, address)
    asked = {"where": "metric:orders", "code": range_, "reason": "More is always better."}
    assert as_viewer.post("/acme/coach/silence", asked).status_code == 403
    sent = as_member.post("/acme/coach/silence?after=/acme/coach", asked)
    assert sent["Location"] == "/acme/coach", "back to where it was waived"
    assert "It has no healthy range." not in page(as_member, "/acme/coach")
    assert "“More is always better.”" in page(as_member, address)
    document = export(acme)["metrics"][0]
    assert document["waived"] == {range_: "More is always better."}
    assert Change.objects.get(what="waived").after == f"{range_} More is always better."
    wrong = as_member.post(
        "/acme/coach/silence", {**asked, "code": "objective-output"}, follow=True
    )
    assert "no rule `objective-output`" in wrong.content.decode()
    assert as_member.post("/acme/coach/silence", {**asked, "again": "1"})["Location"] == address
    assert "It has no healthy range." in page(as_member, address)
    orders.level = "metric"
    orders.save()
    assert "What the coach says" not in page(as_member, address), "it is no KPI"


def test_a_key_results_own_page_says_what_is_said_of_it(
    as_member, objective, new_key_result, orders
):
    new_key_result(objective, shape="reach", metric=orders, title="Page views", target=900.0)
    new_key_result(objective, shape="reach", metric=orders, title="Launch it", target=5.0)
    address = f"/acme/objectives/{objective.key}/page-views"
    text = page(as_member, address)
    assert "“Page views” counts attention" in text
    assert "“Launch it”" not in text
    where = f"key_result:{objective.key}/page-views"
    asked = {"where": where, "code": "key-result-vanity", "reason": "It is sold by views."}
    as_member.post(f"/acme/coach/silence?after={address}", asked)
    assert "“It is sold by views.”" in page(as_member, address)
