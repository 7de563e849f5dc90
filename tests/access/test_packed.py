"""Files that say little and hold much, and rows that a spreadsheet would run."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings as set_up
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.ingest.actions import save_source
from headway.ingest.models import Import
from tests.api.conftest import NOW, Api, api_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(acme: Workspace, admin: Member) -> Api:
    save_source(acme, "app", by=None, now=NOW)
    return api_of(admin)


def sent(api: Api, name: str, content: bytes) -> Any:
    headers = {"Authorization": f"Bearer {api.token}"}
    file = SimpleUploadedFile(name, content)
    return Client().post(
        "/api/workspaces/acme/sources/app/imports", {"file": file}, headers=headers
    )


def test_a_small_file_that_unpacks_to_very_much_is_refused(api: Api, settings: Any) -> None:
    settings.UPLOAD_MEGABYTES = 1
    head = b"event,happened_at,user_id\n"
    row = b"paid,2026-11-01T09:00:00Z,u1\n"
    bomb = gzip.compress(head + row * 1_000_000)
    assert len(bomb) < 200_000
    refused = sent(api, "a.csv.gz", bomb)
    assert (refused.status_code, "larger than 20 MB" in refused.json()["message"]) == (422, True)
    table = pa.table({"event": ["paid"] * 6_000_000, "happened_at": [1_793_000_000] * 6_000_000})
    stream = io.BytesIO()
    pq.write_table(table, stream, use_dictionary=False, compression="zstd")
    assert len(stream.getvalue()) < 1_000_000
    refused = sent(api, "a.parquet", stream.getvalue())
    assert (refused.status_code, "larger than 20 MB" in refused.json()["message"]) == (422, True)
    assert not Import.objects.exists()
    assert sent(api, "a.csv.gz", gzip.compress(head + row)).status_code == 201
    torn = sent(api, "a.csv.gz", gzip.compress(head + row * 99)[:-20])
    assert (torn.status_code, "unpacked" in torn.json()["message"]) == (422, True)


def test_rows_that_were_refused_run_nothing_in_a_spreadsheet(api: Api) -> None:
    rows = b"event,happened_at,user_id\n=cmd|'/c calc'!A1,never,u1\n"
    assert sent(api, "a.csv", rows).json()["rejected"] == 1
    path = set_up.DATA / Import.objects.get().reject_path
    assert "\"'=cmd" in path.read_text() or ",'=cmd" in path.read_text()
