"""No address of the web or the API leads from one workspace into another.

Addresses are read from the tables of the product itself, so that none can be forgotten here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
from django.test import Client
from msgspec import Meta

from headway.api.root import api as description
from headway.engine.kinds import KINDS
from headway.files.document import Document
from headway.web.urls import urlpatterns
from tests.access.worlds import NOW, Row, World, astray, build, rows
from tests.api.conftest import Api
from tests.conftest import member_of

pytestmark = pytest.mark.django_db

PAGES = [f"/{p.pattern}" for p in urlpatterns if "workspace" in str(p.pattern)]
CALLS = [
    (method.upper(), path)
    for path, operations in description.get_openapi_schema()["paths"].items()
    for method in operations
    if "{workspace}" in path
]
FIXED = {"template": "count", "kind": "postgres", "pack": "marketplace"}
SHARED = {"catalogue/{key}": "weekly_active_users", "packs/{key}": "marketplace"}
"""What comes with the product is everybody's."""

CLOSED = ([404, 404], [405, 404])
"""To GET and POST; some addresses only take the latter."""

NOT_A_PAGE = re.compile(
    r"(archive|restore|comments|hand-back|milestones|silence|settle|preview|baseline|key-result|act"
    r"|keys|aside|again|kpi|change|start|personal|end|finish|reopen|objective|watching|events"
    r"|reports/\d+|coach/kpis/\w+|chart/\w+|experiment/chart|next|share)$"
)


@pytest.fixture
def yak(db: None) -> World:
    return build("yak")


@pytest.fixture
def zebra(yak: World) -> World:
    """Made last, so that whatever the yak has is there before it."""
    return build("zebra")


def signed_in(world: World) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.admin.person)  # type: ignore[arg-type]
    return client


def names_in(path: str) -> list[str]:
    return [name for name in re.findall(r"[<{](?:\w+:)?(\w+)[>}]", path) if name not in FIXED]


def at(path: str, home: World, other: World | None = None, *of_other: str) -> str:
    """The address within `home`, with the names in `of_other` taken from `other`."""
    for ending, key in SHARED.items():
        path = path.replace(ending, ending.replace("{key}", key))

    def filled(found: re.Match[str]) -> str:
        name = found["name"]
        world = other if other and name in of_other else home
        if name != "number":
            return str(FIXED.get(name) or world.keys[name])
        return str(world.numbers[path[: found.start()].rstrip("/").rpartition("/")[2]])

    return re.sub(r"[<{](?:\w+:)?(?P<name>\w+)[>}]", filled, path)


def test_every_address_is_closed_to_strangers(yak: World, zebra: World) -> None:
    theirs, ours = signed_in(zebra), signed_in(yak)
    before = rows()
    for path in PAGES:
        address = at(path, zebra)
        answers = [ours.get(address), ours.post(address, {"do": "x", "id": "1"})]
        assert [a.status_code for a in answers] in CLOSED, address
        assert not any(zebra.secret in a.content.decode() for a in answers), address
    for method, path in CALLS:
        address = at(path, zebra)
        answer = asked(yak.api, method, address, {})
        assert answer.status_code in (404, 422), (method, address)
        assert zebra.secret not in answer.content.decode()
    untouched(before, zebra)
    for path in PAGES:
        address = at(path, zebra)
        if not NOT_A_PAGE.search(address):
            found = theirs.get(address).status_code
            assert found in (200, 302), f"{address} is answered with {found} to its own people"


def test_a_key_of_another_workspace_opens_nothing(yak: World, zebra: World) -> None:
    client, before = signed_in(yak), rows()
    for path in PAGES:
        for address in mixed(path, yak, zebra):
            for answer in (client.get(address), client.post(address, {"do": "restore"})):
                assert answer.status_code < 500, address
                assert zebra.secret not in answer.content.decode(errors="replace"), address
    for method, path in CALLS:
        for address in mixed(path, yak, zebra):
            answer = asked(yak.api, method, address, {})
            assert answer.status_code < 500, (method, address)
            assert zebra.secret not in answer.content.decode(errors="replace"), (method, address)
    untouched(before, zebra)


def test_a_viewer_changes_nothing_on_any_page(yak: World) -> None:
    viewer = member_of(yak.workspace, "viewer", NOW)
    client = Client(raise_request_exception=False)
    client.force_login(viewer.person)  # type: ignore[arg-type]
    before, answered = kept(), {}
    for path in PAGES:
        for do in ("", "restore", "delete", "revoke", "move", "test"):
            address = at(path, yak)
            answer = client.post(address, {"do": do, "id": 1, "of": "objectives/yak"})
            answered.setdefault(str(path), set()).add(answer.status_code)
    assert kept() == before
    assert sum(403 in found for found in answered.values()) > 20


def kept() -> dict[Row, dict[str, Any]]:
    """All but what is a viewer's own: tokens, mails, and when they were last here."""
    own = ("accounts.Member", "accounts.Token", "notify.Subscription")
    return {key: row for key, row in rows().items() if key[0] not in own}


def mixed(path: str, home: World, other: World) -> Iterator[str]:
    """Within one's own workspace: all keys of the other, and each one of them by itself."""
    names = [n for n in names_in(path) if n not in ("workspace", "grain", "start", "code", "token")]
    if names:
        yield at(path, home, other, *names)
    if len(names) > 1:
        yield from (at(path, home, other, name) for name in names)


def asked(api: Api, method: str, address: str, body: Any) -> Any:
    return Client(raise_request_exception=False).generic(
        method,
        address,
        data=msgspec.json.encode(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {api.token}"},
    )


def untouched(before: dict[Row, dict[str, Any]], zebra: World) -> None:
    after = rows()
    assert [key for key in zebra.rows if after.get(key) != before[key]] == []
    assert astray(zebra.rows, after) == []


SECTIONS = {
    "teams": "/teams/{}",
    "cycles": "/cycles/{}",
    "sources": "/sources/{}",
    "surveys": "/surveys/{}",
    "checks": "/checks/{}",
    "metrics": "/metrics/{}",
    "objectives": "/objectives/{}",
    "outputs": "/outputs/{}",
    "annotations": "/annotations/{}",
}
"""Where the objects of a document are put, one by one."""


def test_no_object_can_be_made_to_point_into_another_workspace(yak: World, zebra: World) -> None:
    """Each field of each object is given what the other workspace has, in every shape of it."""
    before = rows()
    for section, path in SECTIONS.items():
        address = path.format(yak.word)
        shown = {k: v for k, v in yak.api("GET", address).items() if k != "state"}
        for name in fields_of(section):
            for value in theirs(zebra):
                answer = yak.api.ask("PUT", address, {**shown, name: value})
                assert answer.status_code < 500, (address, name, value)
                assert zebra.secret not in answer.content.decode(), (address, name, value)
    place = "/objectives/yak/key-results/yak"
    shown = {k: v for k, v in yak.api("GET", place).items() if k != "state"}
    for name in fields_of("objectives.key_results"):
        for value in theirs(zebra):
            assert yak.api.ask("PUT", place, {**shown, name: value}).status_code < 500, name
    yak.api("POST", "/objectives/yak/comments", {"text": "@member@zebra.example"}, status=201)
    untouched(before, zebra)


def theirs(zebra: World) -> Iterator[Any]:
    word, email = zebra.word, zebra.member.person.email
    yield from (word, [word], email, [email], [{"metric": word}], f"{word} + 1")


def fields_of(section: str) -> Iterator[str]:
    """Names of the fields of a section's objects that may hold a reference."""
    if section == "metrics":
        kinds = [msgspec.structs.fields(kind) for kind in KINDS.values()]
        yield from sorted({f.name for found in kinds for f in found if not _is_plain(f.type)})
        return
    struct: Any = Document
    for name in section.split("."):
        field = next(f for f in msgspec.structs.fields(struct) if f.name == name)
        struct = get_args(field.type)[0]
    yield from (f.name for f in msgspec.structs.fields(struct) if not _is_plain(f.type))


def _is_plain(kind: Any) -> bool:
    """Whether nothing but a number, a day or a word from a list fits in."""
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType, Annotated) else (kind,)
    plain = (bool, int, float, date, NoneType)
    return all(k in plain or get_origin(k) is Literal or isinstance(k, Meta) for k in kinds)
