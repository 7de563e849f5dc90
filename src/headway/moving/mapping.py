"""Which column of a table is what: guessed from its headings, and to be corrected."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass, field

from headway.engine.errors import DefinitionError, nearest
from headway.moving.table import Table

GOALS, CHECK_INS, NOTHING = "goals", "check-ins", "nothing"
SORTS = {
    GOALS: "Objectives and key results",
    CHECK_INS: "Check-ins",
    NOTHING: "Nothing: leave it out",
}


@dataclass(frozen=True)
class Field:
    """`usual`: headings of the tools people come from, in small letters."""

    label: str
    usual: tuple[str, ...]


def _field(label: str, usual: str) -> Field:
    return Field(label, tuple(word.strip() for word in usual.split("|")))


FIELDS: dict[str, Field] = {
    "type": _field("Objective or key result?", "type|item type|goal type|level|okr type|kind"),
    "id": _field("Id of the row", "id|key|goal id|okr id|identifier|goal identifier|number|no|#"),
    "objective": _field(
        "Objective",
        "objective|objectives|objective title|objective name|objective key|goal|goal name|o",
    ),
    "key_result": _field(
        "Key result",
        "key result|key results|kr|key result title|key result name|kr title|kr name|measure",
    ),
    "title": _field("Title", "title|name|okr|okr title|goal title|summary|text"),
    "parent": _field(
        "Parent, or what it supports",
        "parent|parent id|parent objective|parent goal|aligned to|aligned with|alignment|supports"
        "|parent title|parent okr|parent key",
    ),
    "why": _field("Why", "why|description|details|objective description|goal description"),
    "team": _field("Team", "team|teams|department|group|team name|area|squad|organization unit"),
    "cycle": _field(
        "Cycle",
        "cycle|time period|timeperiod|period|quarter|okr cycle|session|timeframe|time frame|cadence"
        "|interval",
    ),
    "starts": _field("First day", "start date|starts|start day|period start|cycle start|begins"),
    "ends": _field("Last day", "end date|ends|end day|period end|cycle end"),
    "owner": _field(
        "Owner's e-mail",
        "owner|owners|owner email|owner e mail|owner email id|assignee|responsible|lead|accountable"
        "|objective owner|goal owner|email",
    ),
    "key_result_owner": _field("Owner of the key result", "key result owner|kr owner"),
    "ambition": _field("Committed or aspirational", "ambition|commitment|committed|goal category"),
    "metric": _field("Metric here that measures it", "metric|kpi|metric key|measured by"),
    "baseline": _field(
        "From",
        "from|baseline|start|start value|starting value|initial value|initial|metric start"
        "|starting point|base value",
    ),
    "target": _field("To", "to|target|target value|goal value|metric target|end value|aim"),
    "current": _field(
        "Now",
        "current|current value|now|actual|actual value|latest|latest value|metric current",
    ),
    "progress": _field("Progress", "progress|progress %|percent complete|% complete|completion"),
    "unit": _field("Unit", "unit|units|unit of measure|metric unit|measurement unit|uom"),
    "due": _field("Due", "due|due date|deadline|due day|target date"),
    "weight": _field("Weight", "weight|weighting|importance|weightage|contribution"),
    "key": _field("Key result (of the check-in)", "key result id|kr id|okr|goal|key result key"),
    "day": _field(
        "Day",
        "date|day|check in date|checkin date|updated|last updated|last check in|created at"
        "|timestamp|updated on|updated at|last update",
    ),
    "value": _field("Value", "value|new value|measurement|check in value|metric value"),
    "confidence": _field("Confidence", "confidence|confidence level|health|likelihood"),
    "note": _field(
        "Note", "note|notes|comment|comments|check in note|check in|update|status update|remark"
    ),
    "author": _field("Who said it", "by|author|user|checked in by|updated by|created by|reporter"),
}
OF_SORT = {
    GOALS: tuple(f for f in FIELDS if f not in ("key", "value", "author")),
    CHECK_INS: ("key", "key_result", "objective", "day", "value", "confidence", "note", "author"),
}


@dataclass(frozen=True)
class Mapping:
    """`columns`: field → heading. `key_result` is whose check-ins rows are that do not say."""

    sort: str
    columns: Map[str, str] = field(default_factory=dict)
    key_result: str = ""

    def changed(self, table: Table, columns: Map[str, str], sort: str = "") -> Mapping:
        """With these columns instead; "" takes one out. Raises DefinitionError."""
        sort = sort or self.sort
        if sort not in SORTS:
            fix = nearest(sort, SORTS) or f"Use one of {', '.join(SORTS)}."
            raise DefinitionError(f"`{sort}` is no sort of rows.", where=table.name, fix=fix)
        known = OF_SORT.get(sort, ())
        for name, heading in columns.items():
            if name not in FIELDS:
                fix = nearest(name, FIELDS) or f"There are: {', '.join(FIELDS)}."
                raise DefinitionError(f"There is no field `{name}`.", where=table.name, fix=fix)
            if heading and heading not in table.headings:
                fix = nearest(heading, table.headings) or f"There are: {_listed(table)}."
                raise DefinitionError(f"No column is `{heading}`.", where=table.name, fix=fix)
        merged = {**self.columns, **columns}
        kept = {n: h for n, h in merged.items() if h and n in known}
        return Mapping(sort, kept, self.key_result)


def guess(table: Table, sort: str = "") -> Mapping:
    """Only headings that are known are taken: a wrong guess is worse than a missing one."""
    said = {heading: _plain(heading) for heading in table.headings if heading}
    sort = sort or _sort(set(said.values()))
    columns: dict[str, str] = {}
    for name in OF_SORT.get(sort, ()):
        free = {h: w for h, w in said.items() if h not in columns.values()}
        for usual in FIELDS[name].usual:
            found = next((h for h, word in free.items() if word == usual), None)
            if found is not None:
                columns[name] = found
                break
    return Mapping(sort, _settled(columns))


def _sort(words: set[str]) -> str:
    """Check-ins have a day and something said on it, and no target."""
    if words & set(FIELDS["target"].usual):
        return GOALS
    dated = bool(words & set(FIELDS["day"].usual))
    says = words & {*FIELDS["value"].usual, *FIELDS["note"].usual, *FIELDS["confidence"].usual}
    if dated and says and not words & {"type", "title", "why", "owner", "cycle", "time period"}:
        return CHECK_INS
    names = {w for f in ("objective", "key_result", "title") for w in FIELDS[f].usual}
    return GOALS if words & names else NOTHING


def _settled(columns: dict[str, str]) -> dict[str, str]:
    """A list of goals of several levels has its titles in one column, whatever that is called."""
    if "type" in columns and "objective" in columns and not {"title", "key_result"} & set(columns):
        return {**_less(columns, "objective"), "title": columns["objective"]}
    if "type" not in columns and "title" in columns:
        name = "key_result" if "objective" in columns else "objective"
        if name not in columns:
            return {**_less(columns, "title"), name: columns["title"]}
    return columns


def _less(columns: Map[str, str], name: str) -> dict[str, str]:
    return {n: h for n, h in columns.items() if n != name}


def _plain(heading: str) -> str:
    """`Start Value (%)` is `start value`, `OwnerEmail` is `owner email`."""
    said = re.sub(r"\([^)]*\)\s*$", "", heading) or heading
    said = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", said)
    return " ".join(re.sub(r"[^\w%#]+", " ", said.replace("_", " ")).lower().split())


def _listed(table: Table) -> str:
    shown = [h for h in table.headings if h][:12]
    return ", ".join(f"`{h}`" for h in shown)
