"""An experiment as people set it up and read it; the API and the command line say the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.test import Client

from headway.accounts.actions import create_token
from headway.accounts.models import Member, Workspace
from headway.cli import main
from headway.files.apply import apply
from headway.files.export import dumps, export
from headway.files.plan import plan
from headway.files.reading import reads
from headway.goals.experiment import experiments
from headway.goals.models import Output, ReadOut
from headway.goals.outputs import save_output
from headway.ingest import actions as ingest
from headway.metrics.actions import save_metric
from tests.goals.test_experiments import METRICS
from tests.goals.trials import Shop, noon

Enter = Callable[[Member], Client]
SHOP = Shop(effect=0.13, seed=4)
AFTER = noon(SHOP.ends + timedelta(days=1))
TYPED: dict[str, Any] = {
    "assigned": "viewed",
    "variant": "variant",
    "control": "A",
    "split": "A: 1, B: 1",
    "starts": "2026-03-02",
    "ends": "2026-03-15",
    "metric": "payers",
    "effect": "8 points",
    "guardrails": ["complaints"],
    "worse_by": "30 %",
    "by": "user",
    "enters": "visited",
}


@pytest.fixture
def shop(acme: Workspace, tmp_path: Path) -> Workspace:
    """A workspace after the last day, with an output that is no experiment yet."""
    acme.clock = AFTER
    acme.save()
    source = ingest.save_source(acme, "shop", by=None, now=AFTER)
    ingest.import_events(source, SHOP.write(tmp_path / "shop.parquet"), by=None, now=AFTER)
    for document in METRICS:
        save_metric(acme, {**document, "level": "kpi"}, by=None, now=AFTER)
    save_output(acme, key="checkout", name="Shorter checkout", by=None, now=AFTER)
    return acme


def text(client: Client, path: str, status: int = 200) -> str:
    found = client.get(path)
    assert found.status_code == status, path
    return " ".join(found.content.decode().split())


def test_from_the_form_to_the_read_out(shop: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    assert "Make it an experiment" in text(client, "/acme/outcomes/checkout")
    form = text(client, "/acme/outcomes/checkout/experiment")
    assert '<option value="viewed">' in form
    assert ">Payers</option>" in form
    assert ">NPS</option>" in form
    assert ">Conversion</option>" in form
    assert ">typed</option>" not in form.lower(), "it says nothing of one subject"
    refused = client.post("/acme/outcomes/checkout/experiment", {**TYPED, "ends": "2026-03-01"})
    said = " ".join(refused.content.decode().split())
    assert "It ends on 2026-03-01, before it starts on 2026-03-02." in said
    assert 'value="8 points"' in said, "nothing that was typed is lost"
    answer = client.post("/acme/outcomes/checkout/experiment", TYPED)
    assert answer["Location"] == "/acme/outcomes/checkout"
    page = text(client, "/acme/outcomes/checkout")
    assert "is being worked out" in page

    assert experiments.look(shop, now=AFTER).read == 1
    page = text(client, "/acme/outcomes/checkout")
    assert "B raised Payers by 9.9" in page
    assert "of the control: better." in page
    assert "Share of users with Payers" in page
    assert "safe to look at any day" in page
    assert "Complaints is safe under B" in page
    assert "Experiment" not in text(client, "/acme/outcomes/checkout/edit")
    assert "B better" in text(client, "/acme/outcomes")
    assert "svg" in text(client, "/acme/outcomes/checkout/experiment/chart")
    again = text(client, "/acme/outcomes/checkout/experiment")
    assert 'value="A: 1, B: 1"' in again
    assert "With 1 050 users a week you need 2 weeks to see a change of 8 points" in again

    told = _over_the_api(member)
    assert told["verdict"] == "B better"
    assert told["read_out"]["against"][0]["verdict"] == "better"
    assert len(told["days"]) == 14
    assert " ".join(told["findings"][0].split()) in _at_the_command_line(shop)
    _goes_through_files(shop)

    managed = text(client, "/acme/outcomes/checkout")
    assert "managed in code: change its file and apply it" in managed
    assert "Change the experiment" not in managed
    form = text(client, "/acme/outcomes/checkout/experiment")
    assert "This output is managed in code: change its file and apply it." in form
    assert client.post("/acme/outcomes/checkout/experiment/end").status_code == 409
    Workspace.objects.update(edit_managed=True)
    assert "Change the experiment" in text(client, "/acme/outcomes/checkout")
    client.post("/acme/outcomes/checkout/experiment/end")
    assert Output.objects.get().experiment == {}
    assert not ReadOut.objects.exists()
    assert text(client, "/acme/outcomes/checkout/experiment/chart", 404)


def _over_the_api(member: Member) -> Any:
    _, raw = create_token(member, "test", now=AFTER)
    headers = {"Authorization": f"Bearer {raw}"}
    (row,) = Client().get("/api/workspaces/acme/experiments", headers=headers).json()
    assert (row["key"], row["metric"], row["verdict"]) == ("checkout", "payers", "B better")
    missing = Client().get("/api/workspaces/acme/experiments/chekout", headers=headers)
    assert missing.status_code == 404
    assert "Did you mean `checkout`" in missing.json()["fix"]
    output = Client().get("/api/workspaces/acme/outputs/checkout", headers=headers).json()
    assert output["experiment"]["guardrails"] == [{"metric": "complaints", "worse_by": "30 %"}]
    return Client().get("/api/workspaces/acme/experiments/checkout", headers=headers).json()


def _at_the_command_line(workspace: Workspace) -> str:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()

    def said(*words: str) -> str:
        found = CliRunner().invoke(main, ["experiments", *words])
        assert found.exit_code == 0, found.output
        return found.output

    assert "B better" in said()
    assert json.loads(said("checkout", "--format", "json"))["verdict"] == "B better"
    assert said("checkout", "--format", "csv").count("\n") == 15
    return " ".join(said("checkout").split())


def _goes_through_files(workspace: Workspace) -> None:
    document = reads(dumps(export(workspace)))
    assert plan(workspace, document) == []
    changed = dumps(export(workspace)).replace("effect: 8 points", "effect: 5 points")
    (step,) = plan(workspace, reads(changed))
    assert step.key == "checkout"
    apply(workspace, reads(changed), by=None, now=AFTER)
    assert Output.objects.get().experiment["effect"] == "5 points"
    assert not ReadOut.objects.exists()
    assert experiments.look(workspace, now=AFTER).read == 1


def test_a_viewer_reads_and_changes_nothing(shop: Workspace, viewer: Member, enter: Enter) -> None:
    client = enter(viewer)
    assert "Make it an experiment" not in text(client, "/acme/outcomes/checkout")
    assert client.get("/acme/outcomes/checkout/experiment").status_code == 403
    assert client.post("/acme/outcomes/checkout/experiment", TYPED).status_code == 403
    assert client.post("/acme/outcomes/checkout/experiment/end").status_code == 403
    assert date(2026, 3, 15) == SHOP.ends
