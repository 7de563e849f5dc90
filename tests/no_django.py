"""A pytest plugin, and a module to import first: from then on, nothing can import Django."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class NoDjango:
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] == "django":
            raise ImportError(f"The pure rooms must not import {name}.")
        return None


if "django" in sys.modules:
    raise RuntimeError("Django was imported before it could be kept out.")
sys.meta_path.insert(0, NoDjango())
