"""A survey is written, asked, answered through the door, and read: as a page, a KPI and a file."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.config.wsgi import application
from headway.engine.errors import Conflict, DefinitionError, NotAllowed
from headway.engine.period import Grain
from headway.feed.models import Change
from headway.files.apply import apply
from headway.files.export import dumps, export
from headway.files.plan import plan
from headway.files.reading import checked
from headway.files.sheet import loads
from headway.files.state import known_in
from headway.ingest.actions import create_key, save_source
from headway.ingest.door.keys import Keys
from headway.ingest.inflow.drain import drain
from headway.ingest.models import WriteKey
from headway.metrics.reading import series
from headway.metrics.refresh import refresh
from headway.surveys import actions, counting
from headway.surveys.definition import parse
from headway.surveys.models import Survey
from headway.surveys.results import results
from headway.surveys.script import script

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TEXTS = {"en": {"question": "Would you recommend us?", "comment": "Why?"}}
SCORES = (10, 10, 9, 9, 9, 8, 7, 6, 3, 0)


@pytest.fixture
def key(acme: Workspace, member: Member) -> WriteKey:
    source = save_source(acme, "surveys", name="Surveys", by=member, now=NOW)
    return create_key(source, "web", by=member, now=NOW)


@pytest.fixture
def pulse(acme: Workspace, member: Member, key: WriteKey) -> Survey:
    return made(acme, member, "pulse")


def made(acme: Workspace, by: Member, name: str, **fields: Any) -> Survey:
    fields = {"kind": "nps", "source": "surveys", "texts": TEXTS} | fields
    return actions.save_survey(acme, name, by=by, now=NOW, **fields)


def send(key: WriteKey, *events: dict[str, Any], at: datetime) -> int:
    """Through the door, as a browser does."""
    millis = int(at.timestamp() * 1000)
    base = {"survey": "pulse", "kind": "nps", "at": millis}
    body = json.dumps({"key": key.value, "sent": millis, "events": [base | e for e in events]})
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/survey",
        "CONTENT_TYPE": "text/plain;charset=UTF-8",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ORIGIN": "https://shop.example",
        "wsgi.input": io.BytesIO(body.encode()),
    }
    said: list[Any] = []
    application.keys = Keys()  # the keys of the test before are gone with its database
    list(application(environ, lambda status, headers: said.extend([status, dict(headers)])))
    assert said[1]["Access-Control-Allow-Origin"] == "https://shop.example"
    return int(said[0].split()[0])


@pytest.mark.django_db(transaction=True)
def test_answers_become_a_page_and_a_kpi(
    acme: Workspace, pulse: Survey, key: WriteKey, member: Member, viewer: Member, client: Client
) -> None:
    now = datetime.now(UTC)
    asked = [{"id": f"s{n}", "what": "shown", "person": f"p{n}"} for n in range(25)]
    closed = [{"id": f"d{n}", "what": "dismissed", "person": f"p{n}"} for n in range(20, 24)]
    given = [
        {"id": f"a{n}", "what": "answered", "person": f"p{n}", "score": score, "text": f"It is {n}"}
        for n, score in enumerate(SCORES)
    ]
    other = [{"id": "o1", "what": "answered", "person": "x", "score": 0, "survey": "other"}]
    for _ in range(2):
        assert send(key, *asked, *closed, *given, *other, at=now - timedelta(hours=1)) == 200
    drain(acme, now=now)
    found = results(pulse, days=30, now=now)
    assert (found.shown, found.dismissed, found.answered, found.rate) == (25, 4, 10, 0.4)
    assert found.score is not None
    assert found.score.value == pytest.approx(20)
    assert found.score.low == pytest.approx(-34.4, abs=1)
    assert [bar.count for bar in found.bars] == [1, 0, 0, 1, 0, 0, 1, 1, 1, 3, 2]
    assert len(found.comments) == 10
    assert results(pulse, days=30, now=now + timedelta(days=40)).shown == 0

    metric = actions.make_kpi(pulse, by=member, now=now)
    assert actions.make_kpi(pulse, by=member, now=now) == metric
    assert (metric.key, metric.name) == ("nps_pulse", "Net promoter score: pulse")
    day = acme.calendar.day_of(now - timedelta(hours=1))
    refresh(acme, now=now + timedelta(days=1))
    value = next(p.value for p in series(metric, Grain.day).points if p.start == day)
    assert value == pytest.approx(found.score.value)

    client.force_login(member.person)  # type: ignore[arg-type]
    page = client.get("/acme/surveys/pulse").content.decode()
    assert "Would you recommend us?" in page
    assert "It is 3" in page
    assert "by p3" in page
    assert "Closed without one" in page
    rows = client.get("/acme/surveys/pulse?format=json").json()
    assert {row["who"] for row in rows} == {f"p{n}" for n in range(10)}
    client.force_login(viewer.person)  # type: ignore[arg-type]
    page = client.get("/acme/surveys/pulse").content.decode()
    assert "It is 3" in page
    assert "by p3" not in page


@pytest.mark.parametrize(
    ("kind", "score", "value"),
    [("csat", [5, 4, 3, 1], 0.5), ("ces", [7, 6, 5, 2], 5.0)],
)
@pytest.mark.django_db(transaction=True)
def test_each_scale_has_the_score_of_its_kpi(
    acme: Workspace, member: Member, key: WriteKey, kind: str, score: list[int], value: float
) -> None:
    survey, now = made(acme, member, "after", kind=kind), datetime.now(UTC)
    base = {"what": "answered", "survey": "after", "kind": kind}
    send(key, *(base | {"id": f"a{n}", "score": s} for n, s in enumerate(score)), at=now)
    drain(acme, now=now)
    found = results(survey, days=7, now=now)
    assert found.score is not None
    assert found.score.value == value
    assert found.score.low is not None
    made_ = actions.make_kpi(survey, by=member, now=now)
    refresh(acme, now=now + timedelta(days=1))
    day = acme.calendar.day_of(now)
    assert [p.value for p in series(made_, Grain.day).points if p.start == day] == [value]


def test_texts_have_no_number(acme: Workspace, member: Member, key: WriteKey) -> None:
    survey = made(acme, member, "open", kind="text")
    assert results(survey, days=7, now=NOW).score is None
    with pytest.raises(Conflict):
        actions.make_kpi(survey, by=member, now=NOW)


def test_the_script_is_small_and_public(client: Client, pulse: Survey, key: WriteKey) -> None:
    answer = client.get("/survey.js")
    assert answer.content == script()
    assert len(script()) < 10_000
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not answer.cookies
    assert client.get("/survey.js", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    code = script().decode()
    for word in ("eval(", "Function(", "innerHTML", ".style", "document.cookie", "http://"):
        assert word not in code
    [offer] = client.get(f"/survey.json?key={key.value}").json()["surveys"]
    assert (offer["key"], offer["texts"]["en"]["send"]) == ("pulse", "Send")
    assert client.get("/survey.json?key=wrong").status_code == 404


def test_only_what_is_asked_is_offered(
    acme: Workspace, member: Member, key: WriteKey, pulse: Survey
) -> None:
    made(acme, member, "later", asking=False)
    elsewhere = save_source(acme, "other", by=member, now=NOW)
    made(acme, member, "foreign", source="other")
    assert [one.key for one in actions.offered(key.value) or []] == ["pulse"]
    actions.archive_survey(pulse, by=member, now=NOW)
    assert actions.offered(key.value) == []
    actions.restore_survey(pulse, by=member, now=NOW)
    assert [one.key for one in actions.offered(key.value) or []] == ["pulse"]
    assert actions.offered(create_key(elsewhere, "x", by=member, now=NOW).value) is not None
    assert actions.offered("nobody's") is None


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"kind": "stars"}, "kind"),
        ({"share": 1.5}, "share"),
        ({"again_days": -1}, "again_days"),
        ({"texts": {}}, "texts"),
        ({"texts": {"en": {}}}, "texts"),
        ({"texts": {"english please": {"question": "?"}}}, "texts"),
        ({"texts": {"en": {"question": "x" * 301}}}, "texts"),
        ({"pages": ["pricing"]}, "pages"),
        ({"where": {"plan": {"a": 1}}}, "where"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_no_survey_is_refused(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse({"key": "a", "kind": "nps", "source": "surveys", "texts": TEXTS} | fields)
    assert refused.value.where == where


def test_who_may_write_leaves_a_trail(
    acme: Workspace, member: Member, viewer: Member, pulse: Survey
) -> None:
    with pytest.raises(NotAllowed):
        made(acme, viewer, "mine")
    with pytest.raises(DefinitionError):
        made(acme, member, "new")
    with pytest.raises(DefinitionError) as unknown:
        made(acme, member, "mine", source="survey")
    assert "`surveys`" in unknown.value.fix
    with pytest.raises(Conflict):
        made(acme, member, "pulse", kind="csat")
    made(acme, member, "pulse", share=0.5, pages=["/app/*"])
    changes = Change.objects.filter(subject="survey:pulse").order_by("pk")
    assert [(c.what, c.before, c.after) for c in changes] == [
        ("created", "", ""),
        ("share", "100%", "50%"),
        ("pages", "", "/app/*"),
    ]


def test_a_file_holds_surveys_and_checks(
    acme: Workspace, admin: Member, pulse: Survey, key: WriteKey
) -> None:
    from headway.uptime.actions import save_check

    where = {"plan": ["pro", "team"], "seats": 3}
    texts = TEXTS | {"pt-BR": {"question": "E aí?", "thanks": "Obrigado"}}
    made(acme, admin, "pulse", share=0.25, where=where, texts=texts, event="exported")
    url = "https://example.org/?a=1"
    save_check(acme, "home", by=admin, now=NOW, url=url, source="surveys", status=204, follow=False)
    text = dumps(export(acme))
    assert "surveys:" in text
    assert "checks:" in text
    document = checked(loads(text), lambda _: known_in(acme))
    assert plan(acme, document) == []
    acme.surveys.all().delete()
    acme.checks.all().delete()
    steps = apply(acme, document, by=admin, now=NOW)
    assert [(s.action, s.subject) for s in steps] == [
        ("create", "survey:pulse"),
        ("create", "check:home"),
    ]
    assert dumps(export(acme)) == text
    assert plan(acme, document) == []
    gone = checked(loads("sources: [{key: surveys, name: Surveys}]"), lambda _: known_in(acme))
    done = {(s.action, s.subject) for s in apply(acme, gone, by=admin, now=NOW)}
    assert {("archive", "survey:pulse"), ("archive", "check:home")} <= done


@pytest.mark.django_db(transaction=True)
def test_enough_answers_end_it(acme: Workspace, member: Member, key: WriteKey) -> None:
    made(acme, member, "pulse", enough=3)
    answered = {"what": "answered", "person": "a", "language": "en", "page": "/"}

    def answer(*numbers: int) -> list[str]:
        events = (answered | {"id": f"e{n}", "person": f"p{n}", "score": 9} for n in numbers)
        assert send(key, *events, at=NOW) == 200
        drain(acme, now=NOW)
        counting.count(acme, now=NOW)
        return [one.key for one in actions.offered(key.value) or []]

    assert answer(1, 2, 2) == ["pulse"]
    assert Survey.objects.get().answers == 2
    assert answer(3) == []
    counting.count(acme, now=NOW)
    [change] = Change.objects.filter(what="enough_answers")
    assert (change.subject, change.after) == ("survey:pulse", "3")
    made(acme, member, "pulse", enough=5)
    assert answer(4) == ["pulse"]
