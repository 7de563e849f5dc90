from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.ingest.models import Import, Source

Enter = Callable[[Member], Client]
CSV = b"what,when,who\nsigned_up,2026-02-01T10:00:00Z,u1\nsigned_up,never,u2\n"
COLUMNS = {"event": "what", "happened_at": "when", "user_id": "who"}


def upload(client: Client, content: bytes = CSV, **fields: str) -> object:
    file = SimpleUploadedFile("people.csv", content)
    return client.post("/acme/sources/import", {"source": "people", "file": file, **fields})


def test_sources_say_whether_the_data_come_in(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    page = client.get("/acme/sources").content.decode()
    assert "Shop" in page
    assert "Receiving" in page
    assert client.get("/acme/sources?format=json").json()[0]["rows"] == 420


def test_a_silent_source_is_said_to_be_unknown_not_zero(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    shop.clock = shop.clock.replace(month=4)  # type: ignore[union-attr]
    shop.save()
    page = enter(member).get("/acme/sources/shop").content.decode()
    assert "Silent for 31 days" in page
    assert "unknown, not zero" in page


def test_an_uploaded_file_comes_in_and_its_rejects_go_out(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    assert upload(client, **COLUMNS).status_code == 302  # type: ignore[attr-defined]
    source = Source.objects.get(key="people")
    assert (source.rows, source.rejected) == (1, 1)
    page = client.get("/acme/sources/people").content.decode()
    assert "people.csv" in page
    run = Import.objects.get(source=source)
    rejects = client.get(f"/acme/sources/people/rejects/{run.pk}")
    assert b"never" in b"".join(rejects.streaming_content)  # type: ignore[arg-type]


def test_a_second_upload_doubles_nothing(shop: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    upload(client, **COLUMNS)
    upload(client, **COLUMNS)
    assert Source.objects.get(key="people").rows == 1


def test_a_missing_column_is_said_beside_its_field(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    response = upload(enter(member))
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert "There is no column" in response.content.decode()  # type: ignore[attr-defined]


def test_a_file_beyond_the_limit_is_pointed_to_the_command_line(
    shop: Workspace, member: Member, enter: Enter, settings: Any
) -> None:
    settings.UPLOAD_MEGABYTES = 0
    response = upload(enter(member), **COLUMNS)
    assert "headway import events" in response.content.decode()  # type: ignore[attr-defined]
    assert not Source.objects.filter(key="people").exists()


def test_a_viewer_may_look_but_not_import(shop: Workspace, viewer: Member, enter: Enter) -> None:
    client = enter(viewer)
    assert client.get("/acme/sources/shop").status_code == 200
    assert client.get("/acme/sources/import").status_code == 403


def test_there_is_no_other_source(shop: Workspace, member: Member, enter: Enter) -> None:
    assert enter(member).get("/acme/sources/nothing").status_code == 404


def test_viewers_do_not_see_the_people_in_rejected_rows(
    shop: Workspace, member: Member, viewer: Member, enter: Enter
) -> None:
    run = Import.objects.latest("pk")
    seen = enter(member).get("/acme/sources/shop").content.decode()
    assert "no time at all,u1" in seen
    client = enter(viewer)
    page = client.get("/acme/sources/shop").content.decode()
    assert "Why rows of orders.csv were rejected" in page
    assert "u1" not in page
    assert client.get(f"/acme/sources/shop/rejects/{run.pk}").status_code == 403
