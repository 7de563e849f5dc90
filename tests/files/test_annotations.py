"""Annotations in documents: through plans and exports, and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from headway.accounts.models import Workspace
from headway.files.apply import apply
from headway.files.export import export
from headway.files.problems import DocumentError
from headway.files.reading import reads
from headway.files.state import known_in
from headway.goals.outputs import save_output
from headway.metrics.actions import archive_metric
from headway.metrics.annotations import save_annotation

NOW = datetime(2026, 11, 20, 11, tzinfo=UTC)
METRIC = "metrics: [{key: orders, kind: count, event: order}]\n"
FIRE = "{key: fire, kind: incident, title: Fire, starts: 2026-09-03"


def do(workspace: Workspace, text: str) -> list[str]:
    document = reads(text, lambda _: known_in(workspace))
    return [f"{s.action} {s.subject}" for s in apply(workspace, document, by=None, now=NOW)]


def problems(workspace: Workspace, text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        reads(text, lambda _: known_in(workspace))
    return [str(problem) for problem in caught.value.problems]


def test_made_changed_and_left_behind(acme: Workspace) -> None:
    fire = f"{METRIC}annotations: [{FIRE}, metrics: orders}}]"
    assert do(acme, fire) == ["create metric:orders", "create annotation:fire"]
    assert do(acme, fire) == []
    assert do(acme, fire.replace("metrics: orders}", "product: app}")) == ["change annotation:fire"]
    assert export(acme)["annotations"] == [
        {
            "key": "fire",
            "kind": "incident",
            "title": "Fire",
            "starts": "2026-09-03",
            "product": "app",
        }
    ]
    assert do(acme, METRIC) == ["archive annotation:fire"]
    assert do(acme, fire) == ["restore annotation:fire"]


def test_what_the_web_wrote_and_what_outputs_are(acme: Workspace) -> None:
    """The launch is exported with its output, and once."""
    do(acme, METRIC)
    metric = acme.metrics.get()
    launched = NOW.date()
    save_output(acme, key="app", name="App", launched=launched, moves=[metric], by=None, now=NOW)
    save_annotation(
        acme, key="app", kind="note", title="Note", starts=launched, metrics=[metric],
        by=None, now=NOW,
    )  # fmt: skip
    assert [one["kind"] for one in export(acme)["annotations"]] == ["note"]
    released = METRIC.replace("order}", "order, direction: none}")
    assert do(acme, released) == ["change metric:orders"]
    archive_metric(metric, by=None, now=NOW, managed=True)
    assert "annotations" not in export(acme)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (f"{FIRE}, kind: incidnet}}", "incident"),
        (f"{FIRE}, ends: 2026-09-01}}", "before it starts"),
        (f"{FIRE}, metrics: [ordrs]}}", "`orders`"),
        (f"{FIRE}, metrics: [orders], product: app}}", "not both"),
        (f"{FIRE}, link: 'ftp://x'}}", "link"),
        (f"{FIRE}}}, {FIRE}}}", "defined 2 times"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(acme: Workspace, item: str, said: str) -> None:
    if "incidnet" in item:
        item = item.replace("kind: incident, ", "")
    found = problems(acme, f"{METRIC}annotations: [{item}]")
    assert said in " ".join(found)
