"""What holds for every page: nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

import headway.web

WEB = Path(headway.web.__file__).parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
FILES = sorted((WEB / "static").rglob("*.*"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.name))
def test_a_template_has_no_inline_style_script_or_foreign_address(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", text)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.name))
def test_a_static_file_loads_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", text)
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)


@pytest.mark.django_db
def test_every_answer_carries_the_strict_policy(client: Client) -> None:
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_the_form_to_sign_in_speaks_as_the_other_pages_do(client: Client) -> None:
    said = client.get("/accounts/login/").content.decode()
    assert "Stay signed in on this device" in said
    assert "Remember" not in said
