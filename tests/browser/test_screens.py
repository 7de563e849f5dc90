"""Pictures of the main pages: light, dark, and as wide as a phone.

They are kept beside the other files of the run; `make screenshots` keeps those that the
documentation shows in docs/images as well.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import pytest

from tests.browser.visit import ADMIN, settled

ROOT = Path(__file__).parents[2]
LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 800}},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
}
SCREENS = {
    "home": "/parcel/",
    "objectives": "/parcel/objectives",
    "objective": "/parcel/objectives/on-the-dot",
    "key-result": "/parcel/objectives/shops-that-stay/signups",
    "kpis": "/cdnow/kpis",
    "kpi": "/parcel/kpis/on_time_delivery",
    "retention": "/cdnow/kpis/monthly_retention?grain=month",
    "check-in": "/parcel/objectives/on-the-dot/fewer-tickets/check-in",
    "sources": "/parcel/sources",
    "new-metric": "/parcel/kpis/new/weekly_active_users",
}
SHOWN = {
    "objective-light",
    "objective-dark",
    "key-result-light",
    "key-result-dark",
    "kpis-light",
    "kpis-dark",
    "objectives-phone",
    "key-result-phone",
}
"""What the documentation shows."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("screenshots")


@pytest.mark.parametrize("look", LOOKS)
def test_screens(open_as: Any, folder: Path, look: str) -> None:
    page = open_as(ADMIN, device_scale_factor=1, **LOOKS[look]).new_page()
    for name, path in SCREENS.items():
        page.goto(path)
        settled(page)
        picture = page.screenshot(path=folder / f"{name}-{look}.png")
        assert size(picture) == tuple(LOOKS[look]["viewport"].values())
        if os.environ.get("HEADWAY_SCREENSHOTS") and f"{name}-{look}" in SHOWN:
            (ROOT / "docs" / "images" / f"{name}-{look}.png").write_bytes(picture)


def size(png: bytes) -> tuple[int, int]:
    """Width and height, as the header of a PNG says them."""
    return struct.unpack(">II", png[16:24])
