"""What happened, on pages: marked beside a chart, listed, changed, put away, brought in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.goals.outputs import save_output
from headway.metrics.happened.annotations import save_annotation
from headway.metrics.models import Annotation, Metric
from tests.goals.conftest import make_metric, put

Enter = Callable[[Member], Client]
TODAY = date(2026, 3, 2)


def shown(client: Client, path: str, status: int = 200, **asked: Any) -> str:
    found = client.get(f"/acme/{path}", asked)
    assert found.status_code == status, found.content.decode()
    return found.content.decode()


def metric_with_points(workspace: Workspace) -> Metric:
    orders = make_metric(workspace, "orders", profile={"grain": "day", "product": "shop"})
    put(orders, TODAY - timedelta(days=40), [10.0] * 40)
    return orders


def test_marked_beside_a_chart(stopped: Workspace, member: Member, enter: Enter) -> None:
    orders, client = metric_with_points(stopped), enter(member)
    save_output(
        stopped, name="App", launched=date(2026, 2, 20), moves=[orders], by=None,
        now=stopped.clock,
    )  # fmt: skip
    before = shown(client, "kpis/orders")
    assert '/acme/outcomes/app">App</a>' in before
    assert "Product shop" in before
    form = {"title": "Down", "kind": "incident", "starts": "2026-02-10", "ends": "2026-02-11"}
    place = "/acme/annotations/new?after=/acme/kpis/orders"
    done = client.post(place, {**form, "covers": "metrics", "metrics": "orders"})
    assert (done.status_code, done["Location"]) == (302, "/acme/kpis/orders")
    after = shown(client, "kpis/orders")
    assert '<li value="1"><a href="/acme/annotations/down-2026-02-10">Down</a>' in after
    assert "Incident, 10 – 11 Feb 2026" in after
    assert '<li value="2"><a href="/acme/outcomes/app">' in after
    chart = shown(client, "kpis/orders/chart")
    assert "Marked: 1: Down, Incident, 10 – 11 Feb 2026; 2: App" in chart
    row = Annotation.objects.get(origin="")
    assert (row.by, list(row.metrics.all())) == (member.person, [orders])
    client.post(place, {**form, "title": "Sale", "covers": "product", "product": "shop"})
    assert Annotation.objects.get(title="Sale").covers == "product"


def test_nothing_typed_is_lost(stopped: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    form = {"title": "Down", "kind": "incident", "starts": "2026-02-10", "ends": "2026-02-01"}
    page = client.post("/acme/annotations/new", {**form, "covers": "all"}).content.decode()
    assert "before it starts" in page
    assert 'value="2026-02-01"' in page
    assert 'value="Down"' in page
    page = client.post("/acme/annotations/new", {**form, "covers": "metrics"}).content.decode()
    assert "Choose at least one metric" in page
    assert not Annotation.objects.exists()


def test_listed_changed_and_put_away(stopped: Workspace, member: Member, enter: Enter) -> None:
    orders, client = metric_with_points(stopped), enter(member)
    assert "Nothing is marked yet" in shown(client, "annotations")
    now = stopped.clock
    for kind, title, covers in (("note", "Plan", []), ("incident", "Down", [orders])):
        save_annotation(
            stopped, kind=kind, title=title, starts=TODAY, metrics=covers, by=None, now=now
        )
    assert 'href="/acme/annotations/down-2026-03-02"' in shown(client, "search", q="dow")
    assert "/acme/annotations/new" in shown(client, "search", q="happened")
    page = shown(client, "annotations", kind="incident", metric="orders")
    assert "Down" in page
    assert "Plan" not in page
    assert "Did you mean" in shown(client, "annotations", status=404, metric="order")
    address = "/acme/annotations/down-2026-03-02"
    assert 'value="Down"' in shown(client, "annotations/down-2026-03-02")
    changed = {"title": "Up again", "kind": "note", "starts": "2026-03-02", "covers": "all"}
    assert client.post(address, changed).status_code == 302
    row = Annotation.objects.get(key="down-2026-03-02")
    assert (row.title, row.covers, row.metrics.count()) == ("Up again", "all", 0)
    assert "Undo" in client.post(f"{address}/archive", follow=True).content.decode()
    assert "1 archived" in shown(client, "annotations")
    client.post(f"{address}/restore")
    assert "Up again" in shown(client, "annotations", format="csv")
    told = shown(client, "", format="")
    assert "Up again" in told


def test_a_table_whose_bad_rows_come_back(stopped: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    text = "kind,title,starts\nnote,Good,2026-02-03\nnot,Bad,2026-02-03\n"
    file = SimpleUploadedFile("happened.csv", text.encode())
    page = client.post("/acme/annotations/import", {"file": file}).content.decode()
    assert "1 made; 1 row not read." in page
    assert "Did you mean <code>note</code>" in page
    assert ",not,Bad,2026-02-03," in page
    mended = {"rows": text.replace("not,", "note,")}
    done = client.post("/acme/annotations/import", mended, follow=True).content.decode()
    assert "1 made, 1 already there." in done
    wrong = client.post("/acme/annotations/import", {"rows": "a,b\n1,2\n"}).content.decode()
    assert "is no column of annotations" in wrong
    assert "a,b" in wrong
    broken = SimpleUploadedFile("happened.csv", b"kind,title,starts\nnote,\xe4,2026-02-03\n")
    page = client.post("/acme/annotations/import", {"file": broken}).content.decode()
    assert "not in UTF-8" in page


def test_viewers_read_and_change_nothing(stopped: Workspace, viewer: Member, enter: Enter) -> None:
    client = enter(viewer)
    save_annotation(
        stopped, key="a", kind="note", title="Plan", starts=TODAY, by=None, now=stopped.clock
    )
    assert "Plan" in shown(client, "annotations")
    assert "Mark something" not in shown(client, "annotations")
    assert "<form" not in shown(client, "annotations/a").split("<main")[1].split("</main")[0]
    for path in ("new", "a", "import", "a/archive", "a/restore"):
        assert client.post(f"/acme/annotations/{path}", {}).status_code == 403, path


def test_a_cohort_since_a_launch_is_typed_and_previewed(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    save_output(shop, key="app", name="App", launched=date(2026, 2, 20), by=None, now=shop.clock)
    form = client.get("/acme/kpis/orders/edit").context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    wrong = client.post("/acme/kpis/orders/edit", typed | {"who": "order_placed since ap"})
    assert "Did you mean" in wrong.content.decode()
    assert "order_placed since ap" in wrong.content.decode()
    looked = typed | {"who": "order_placed since app", "do": "preview"}
    preview = client.post("/acme/kpis/orders/edit", looked).context["preview"]
    assert [p.value for p in preview.series.points if p.end <= date(2026, 2, 20)][-1] == 0
    assert preview.series.points[-1].value
    done = client.post("/acme/kpis/orders/edit", typed | {"who": "order_placed since app"})
    assert done.status_code == 302, done.content.decode()
    document = Metric.objects.get(key="orders").document
    assert document["who"] == {"did": {"event": "order_placed"}, "within": "since app"}
    assert "since app" in shown(client, "kpis/orders")
