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
from headway.metrics.happened.annotations import save_annotation

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


SINCE = """
metrics:
  - {key: orders, kind: count, event: order, who: {did: {event: tried}, within: since new-search}}
"""
SHIPPED = "outputs: [{key: new-search, name: New search, launched: 2026-11-02}]\n"


def test_a_cohort_since_a_launch_of_the_same_document(acme: Workspace) -> None:
    assert do(acme, SINCE + SHIPPED) == ["create metric:orders", "create output:new-search"]
    assert do(acme, SINCE + SHIPPED) == []
    assert export(acme)["metrics"][0]["who"]["within"] == "since new-search"
    (said,) = problems(acme, SINCE.replace("new-s", "nev-s") + SHIPPED)
    assert "Did you mean `new-search`?" in said
    planned = SHIPPED.replace("launched", "planned")
    for missing in ("", planned):
        (said,) = problems(acme, SINCE + missing)
        assert "There is no launch `new-search`" in said
        assert "who.within" in said
    happened = "annotations: [{key: new-search, kind: note, title: X, starts: 2026-11-02}]"
    assert "create annotation:new-search" in do(acme, SINCE + happened)
