"""Sphinx settings. The reference pages are written from the code before each build."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import reference  # noqa: E402

from headway import __version__  # noqa: E402

project = "Headway"
copyright = "the Headway authors"
release = version = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
nitpicky = True
suppress_warnings = ["misc.highlighting_failure"]  # a JSON body over several lines of a command
html_theme = "furo"
html_title = f"Headway {version}"
html_static_path: list[str] = []
html_show_sphinx = False

reference.write(HERE / "reference")
