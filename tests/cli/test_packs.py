"""Starting from a pack at the command line, and the catalogue as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headway.accounts.models import Workspace
from headway.cli import main
from headway.files.reading import read
from headway.metrics.catalogue import templates
from headway.metrics.models import Metric
from headway.metrics.packs import pack, packs

WHO = ["--key", "shop", "--name", "Shop", "--email", "ada@shop.example"]


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=typed, catch_exceptions=False)


@pytest.mark.django_db
def test_init_starts_from_a_pack_and_adds_only_what_is_missing() -> None:
    said = run("init", *WHO, "--pack", "e-commerce").output
    count = len(pack("e-commerce").kpis)
    assert f"E-commerce: {count} metrics made." in said
    assert "headway catalogue e-commerce --events" in said
    Metric.objects.filter(key="complaints").delete()
    again = run("init", "--key", "shop", "--pack", "e-commerce")
    assert again.exit_code == 0
    assert f"1 metric made, {count - 1} were there already" in again.output
    assert Workspace.objects.count() == 1


@pytest.mark.django_db
def test_init_asks_for_what_is_not_given() -> None:
    said = run("init", typed="shop\nShop\nada@shop.example\nsocial\n").output
    for one in packs():
        assert one.who in said
    assert f"Social: {len(pack('social').kpis)} metrics made." in said


@pytest.mark.django_db
def test_init_without_a_pack_makes_no_metric() -> None:
    assert run("init", typed="shop\nShop\nada@shop.example\n\n").exit_code == 0
    assert run("init", *[w.replace("shop", "two") for w in WHO]).exit_code == 0
    assert Workspace.objects.count() == 2
    assert not Metric.objects.exists()


@pytest.mark.django_db
def test_a_wrong_pack_makes_nothing() -> None:
    said = run("init", *WHO, "--pack", "ecommerce")
    assert said.exit_code == 2
    assert "Did you mean `e-commerce`?" in said.output
    assert not Workspace.objects.exists()


def test_the_catalogue_is_listed_and_searched() -> None:
    rows = json.loads(run("catalogue", "--format", "json").stdout)
    assert [row["key"] for row in rows] == [one.key for one in templates()]
    found = json.loads(run("catalogue", "--find", "cart", "--format", "json").stdout)
    assert [row["key"] for row in found] == ["cart_abandonment"]
    assert found[0]["needs"] == "added_to_cart, order_placed"
    keys = [r["key"] for r in json.loads(run("catalogue", "--packs", "--format", "json").stdout)]
    assert keys == [one.key for one in packs()]


def test_a_pack_says_its_metrics_and_its_events() -> None:
    one = pack("marketplace")
    metrics = json.loads(run("catalogue", "marketplace", "--format", "json").stdout)
    assert [row["key"] for row in metrics] == list(one.documents)
    events = json.loads(run("catalogue", "marketplace", "--events", "--format", "json").stdout)
    assert [row["event"] for row in events] == [t.event for t in one.tracking]
    examples = run("catalogue", "marketplace", "--examples").stdout.splitlines()
    assert [json.loads(line)["event"] for line in examples] == [t.event for t in one.tracking]


@pytest.mark.parametrize("name", [*(p.key for p in packs()), "gross_margin"])
def test_its_yaml_is_a_file_that_apply_reads(name: str, tmp_path: Path) -> None:
    event = "order_placed" if name == "gross_margin" else pack(name).value.event
    text = run("catalogue", name, "--yaml", "--as", f"{event}=mine").stdout
    (tmp_path / "metrics.yml").write_text(text)
    found = read(tmp_path / "metrics.yml").metrics
    wanted = {"revenue", "direct_costs", "gross_margin"}
    assert {m.key for m in found} == (wanted if name == "gross_margin" else {*pack(name).documents})
    assert "event: mine" in text
    assert f"event: {event}\n" not in text


def test_a_name_that_is_not_there_is_corrected() -> None:
    said = run("catalogue", "market-place")
    assert said.exit_code == 2
    assert "Did you mean `marketplace`?" in said.output
