"""What is studied of metrics. A new method is one file here and one line in METHODS."""

from __future__ import annotations

from typing import Any

from headway.outlook.ahead import FORECAST
from headway.outlook.links import LINKS
from headway.outlook.method import Method
from headway.outlook.turns import TURNS

METHODS: dict[str, Method[Any]] = {method.name: method for method in (FORECAST, TURNS, LINKS)}
