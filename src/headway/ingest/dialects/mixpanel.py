"""Mixpanel: https://developer.mixpanel.com/reference/ingestion-api ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from headway.engine.errors import InputError
from headway.engine.event import ALIAS, GROUP, IDENTIFY
from headway.ingest.dialects import answers, keys
from headway.ingest.dialects.batch import Entry, parsed, readable, unreadable
from headway.ingest.dialects.bodies import FIX, form, loaded, unwrapped
from headway.ingest.dialects.dialect import Answer, Delivery, Dialect, Parsed
from headway.ingest.dialects.properties import adopted
from headway.ingest.dialects.saying import (
    ACCOUNTS,
    PAGE,
    PREVIOUS,
    Saying,
    account_in,
    id_of,
    identity,
    name_of,
)
from headway.ingest.dialects.times import happened, instant
from headway.ingest.dialects.traits import told

ONE = Answer(200, b"1", "text/plain")
DEVICE = "$device:"
PAGES = ("$mp_web_page_view",)
OWN = {
    "$current_url": "context.page.url",
    "current_url_path": "context.page.path",
    "current_url_search": "context.page.search",
    "current_page_title": "context.page.title",
    "$referrer": "context.page.referrer",
    "utm_source": "context.campaign.source",
    "utm_medium": "context.campaign.medium",
    "utm_campaign": "context.campaign.name",
    "utm_term": "context.campaign.term",
    "utm_content": "context.campaign.content",
    "$os": "context.os.name",
    "$os_version": "context.os.version",
    "$browser": "context.browser.name",
    "$browser_version": "context.browser.version",
    "$manufacturer": "context.device.manufacturer",
    "$model": "context.device.model",
    "$app_version_string": "context.app.version",
    "mp_country_code": "context.location.country",
    "mp_lib": "context.library.name",
    "$lib_version": "context.library.version",
}
FOREIGN = ("$", "mp_")
IGNORED = frozenset(
    ("token", "distinct_id", "time", "alias", "current_domain", "current_url_protocol")
)


def opened(delivery: Delivery) -> list[Any]:
    body = _loaded(_data(delivery))
    if isinstance(body, list):
        return body
    if isinstance(body, dict):
        return [body]
    raise InputError("The data are neither an object nor a list.", fix=FIX)


def _data(delivery: Delivery) -> bytes:
    """In the query, in a form, or alone; as JSON or base64."""
    body = delivery.body.strip()
    if not body and "data" in delivery.query:
        return unwrapped(delivery.query["data"])
    if body[:1] in (b"{", b"["):
        return body
    fields = form(body)
    if "data" not in fields:
        raise InputError("There is no `data` in the body.", fix=FIX)
    return unwrapped(fields["data"])


def _loaded(data: bytes) -> Any:
    """Imports may be JSON of one event a line."""
    try:
        return loaded(data)
    except InputError:
        lines = data.splitlines()
        if len(lines) < 2:
            raise
        return [loaded(line) for line in lines if line.strip()]


def check(delivery: Delivery) -> None:
    readable(opened(delivery))


def parse(delivery: Delivery) -> Parsed:
    try:
        entries = opened(delivery)
    except InputError as error:
        return unreadable(error)
    received = delivery.received_at
    last = delivery.path.rstrip("/").rpartition("/")[2]
    reader = {"engage": _person, "groups": _group}.get(last, _deed)

    def read(entry: Entry, place: str) -> Iterator[Saying]:
        return reader(entry, place, received)

    return parsed(entries, read, received)


def _deed(entry: Entry, place: str, received: datetime) -> Iterator[Saying]:
    name = name_of(entry.get("event"))
    values = entry.get("properties")
    if not isinstance(values, dict):
        values = {}
    at = instant(values.get("time"))
    saying = Saying(
        id=id_of(values.get("$insert_id"), entry, "" if at else place),
        event=PAGE if name in PAGES else name,
        at=happened(at, None, received),
        user=_user(values),
        anonymous=_device(values),
        account=_account(values),
    )
    if joins := JOINING.get(name):
        yield joins(saying, values)
    else:
        yield replace(saying, properties=adopted(values, OWN, FOREIGN, IGNORED))


def _user(values: Entry) -> str | None:
    distinct = identity(values.get("distinct_id"))
    known = None if distinct and distinct.startswith(DEVICE) else distinct
    return identity(values.get("$user_id")) or known


def _device(values: Entry) -> str | None:
    """As the SDK writes it where nobody has signed in."""
    distinct, device = identity(values.get("distinct_id")), identity(values.get("$device_id"))
    if device:
        return device if device.startswith(DEVICE) else DEVICE + device
    return distinct if distinct and distinct.startswith(DEVICE) else None


def _account(values: Any) -> str | None:
    """Groups are lists among the properties, called as the group is."""
    if not isinstance(values, dict):
        return None
    lists = {name: value for name, value in values.items() if isinstance(value, list)}
    return account_in({name: value for name, value in lists.items() if _is_group(name)})


def _is_group(name: str) -> bool:
    return name.lower().removesuffix("_id") in ACCOUNTS


def _identified(saying: Saying, values: Entry) -> Saying:
    user = identity(values.get("$identified_id")) or identity(values.get("distinct_id"))
    before = identity(values.get("$anon_id")) or identity(values.get("$anon_distinct_id"))
    if not user or not before:
        raise InputError("`$identify` needs `$identified_id` and `$anon_id`.")
    return replace(saying, event=IDENTIFY, user=user, anonymous=before)


def _aliased(saying: Saying, values: Entry) -> Saying:
    return _joined(saying, identity(values.get("distinct_id")), identity(values.get("alias")))


def _merged(saying: Saying, values: Entry) -> Saying:
    ids = values.get("$distinct_ids")
    pair = [identity(one) for one in ids] if isinstance(ids, list) else []
    if len(pair) != 2:
        raise InputError("`$merge` needs two `$distinct_ids`.")
    return _joined(saying, *pair)


def _joined(saying: Saying, user: str | None, other: str | None) -> Saying:
    if not user or not other:
        raise InputError("One of the two ids is empty.")
    return replace(saying, event=ALIAS, user=user, properties={PREVIOUS: other})


JOINING = {"$identify": _identified, "$create_alias": _aliased, "$merge": _merged}


def _person(entry: Entry, place: str, received: datetime) -> Iterator[Saying]:
    at = instant(entry.get("$time"))
    user, device = _user(_ids(entry)), _device(_ids(entry))
    if not user and not device:
        raise InputError("It is not said who this is: `$distinct_id` is empty.")
    saying = Saying(
        id=id_of(None, entry, "" if at else place),
        event=IDENTIFY,
        at=happened(at, None, received),
        user=user,
        anonymous=device,
    )
    if account := _account(entry.get("$set")):
        group = replace(saying, id=f"{saying.id}:group", event=GROUP, account=account)
        yield replace(group, anonymous=None)
    yield from told(saying, _deeds(entry))


def _ids(entry: Entry) -> Entry:
    return {**entry, "distinct_id": entry.get("$distinct_id")}


def _group(entry: Entry, place: str, received: datetime) -> Iterator[Saying]:
    at, account = instant(entry.get("$time")), identity(entry.get("$group_id"))
    if account is None:
        raise InputError("It is not said which group: `$group_id` is empty.")
    saying = Saying(
        id=id_of(None, entry, "" if at else place),
        event=GROUP,
        at=happened(at, None, received),
        account=account,
    )
    yield from told(saying, _deeds(entry))


DEEDS = (
    "$set", "$set_once", "$add", "$append", "$union", "$remove", "$unset", "$delete",
)  # fmt: skip


def _deeds(entry: Entry) -> Mapping[str, Any]:
    return {name: entry[name] for name in DEEDS if name in entry}


def key(delivery: Delivery) -> str:
    """Importing is authorized by the project's secret, but each event says its token."""
    return _token(delivery) or keys.asked_for(delivery, "token", "api_key") or keys.basic(delivery)


def _token(delivery: Delivery) -> str:
    try:
        first = next(iter(opened(delivery)), None)
    except InputError:
        return ""
    if not isinstance(first, dict):
        return ""
    return keys.inside(first.get("properties"), "token") or keys.inside(first, "$token")


def accepted(delivery: Delivery) -> Answer:
    """In one word, where the SDK asks for no more."""
    return ONE if delivery.query.get("verbose") == "0" else answers.TAKEN


MIXPANEL = Dialect(
    name="mixpanel",
    title="Mixpanel",
    paths=("/track", "/engage", "/groups", "/import"),
    key=key,
    check=check,
    parse=parse,
    accepted=accepted,
    refused=answers.denied,
)
