"""The Python SDKs, told to send to Headway as the documentation says."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.sdks.conftest import BUSY, House, Told
from tests.sdks.passage import Passage
from tests.sdks.story import PLAN, WRONG, Expected, Who

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """SDKs log what they could not send, which is meant here."""
    logging.getLogger().setLevel(logging.CRITICAL)


def earlier(minutes: float = 5) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


@pytest.mark.parametrize("sdk", ["segment-py", "rudder-py"])
def test_segment_and_rudderstack(sdk: str, told: Told) -> None:
    if sdk == "segment-py":
        from segment.analytics.client import Client
    else:
        from rudderstack.analytics.client import Client

    def tell(passage: Passage, key: str, who: Who) -> None:
        client = Client(key, host=passage.url, gzip=True, max_retries=1)
        client.track(anonymous_id=who.visitor, event="Visited", timestamp=earlier())
        client.identify(who.user, {"email": who.email}, anonymous_id=who.visitor)
        client.track(who.user, "Signed Up", PLAN)
        client.track(anonymous_id=who.visitor, event="Visited", timestamp=earlier(4))
        client.page(who.user, "Docs", "Home")
        client.track(who.old, "Renewed")
        client.alias(who.old, who.user)
        client.group(who.user, who.company, {"name": "Acme"})
        client.flush()
        client.shutdown()
        wrong = Client(WRONG, host=passage.url, max_retries=1)
        wrong.track(who.user, "Lost")
        wrong.flush()
        wrong.shutdown()

    story = told(sdk, tell, Expected(more=(("Renewed", 1),)))
    assert story.own("page") == [{"name": "Home", "category": "Docs"}]


@pytest.mark.parametrize("sdk", ["posthog-py", "posthog-v1"])
def test_posthog(sdk: str, told: Told) -> None:
    from posthog import Posthog

    mode = {"capture_mode": "v1", "capture_compression": "gzip"} if sdk == "posthog-v1" else {}

    def tell(passage: Passage, key: str, who: Who) -> None:
        client = Posthog(key, host=passage.url, gzip=sdk == "posthog-py", max_retries=1, **mode)
        client.capture("Visited", distinct_id=who.visitor, timestamp=earlier())
        client.alias(previous_id=who.visitor, distinct_id=who.user)
        client.capture(
            "Signed Up", distinct_id=who.user, properties=PLAN, groups={"company": who.company}
        )
        client.set(distinct_id=who.user, properties={"email": who.email})
        client.capture("Visited", distinct_id=who.visitor, timestamp=earlier(4))
        client.capture("$pageview", distinct_id=who.user, properties={"$current_url": "http://x/"})
        client.group_identify("company", who.company, {"name": "Acme"})
        client.shutdown()
        wrong = Posthog(WRONG, host=passage.url, max_retries=1, **mode)
        wrong.capture("Lost", distinct_id=who.user)
        wrong.shutdown()

    story = told(sdk, tell, Expected())
    assert [e.account_id for e in story.named("Signed Up")] == [Who(sdk).company]


def test_amplitude(told: Told) -> None:
    from amplitude import Amplitude, BaseEvent, Config, EventOptions, Identify

    def client(key: str, passage: Passage) -> Amplitude:
        address = f"{passage.url}/2/httpapi"
        return Amplitude(key, Config(server_url=address, min_id_length=1, flush_max_retries=1))

    def tell(passage: Passage, key: str, who: Who) -> None:
        own = client(key, passage)
        then = int(earlier().timestamp() * 1000)
        own.track(BaseEvent("Visited", device_id=who.visitor, time=then))
        own.track(
            BaseEvent("Signed Up", user_id=who.user, device_id=who.visitor, event_properties=PLAN)
        )
        own.identify(Identify().set("email", who.email), EventOptions(user_id=who.user))
        own.track(BaseEvent("Visited", device_id=who.visitor, time=then + 1000))
        own.set_group("company", who.company, EventOptions(user_id=who.user))
        own.group_identify(
            "company", who.company, Identify().set("name", "Acme"), EventOptions(user_id=who.user)
        )
        own.flush()
        own.shutdown()
        wrong = client(WRONG, passage)
        wrong.track(BaseEvent("Lost", user_id=who.user))
        wrong.flush()
        wrong.shutdown()

    told("amplitude-py", tell, Expected(page=0, alias=False))


def test_mixpanel(told: Told) -> None:
    from mixpanel import BufferedConsumer, Consumer, Mixpanel, MixpanelException

    def addresses(passage: Passage) -> dict[str, str]:
        places = {"events": "track", "people": "engage", "import": "import", "groups": "groups"}
        return {f"{name}_url": f"{passage.url}/{path}" for name, path in places.items()}

    def tell(passage: Passage, key: str, who: Who) -> None:
        consumer = BufferedConsumer(10, **addresses(passage))
        own = Mixpanel(key, consumer=consumer)
        then = earlier().timestamp()
        own.track(who.visitor, "Visited", {"time": then})
        own.track(who.user, "Signed Up", {**PLAN, "time": then + 20})
        own.people_set(who.user, {"$email": who.email})
        own.track(who.visitor, "Visited", {"time": then + 10})
        own.group_set("company", who.company, {"name": "Acme"})
        consumer.flush()
        own.merge("key", who.user, who.visitor, api_secret=key)
        consumer.flush()
        wrong = Mixpanel(WRONG, consumer=Consumer(**addresses(passage), retry_limit=1))
        with pytest.raises(MixpanelException):
            wrong.track(who.user, "Lost")

    told("mixpanel-py", tell, Expected(page=0))


@pytest.mark.parametrize("sdk", ["snowplow-py", "snowplow-get"])
def test_snowplow(sdk: str, told: Told) -> None:
    from snowplow_tracker import (
        Emitter,
        PageView,
        SelfDescribing,
        SelfDescribingJson,
        StructuredEvent,
        Subject,
        Tracker,
    )

    def tracker(passage: Passage, key: str, subject: Subject | None = None) -> Tracker:
        emitter = Emitter(
            "127.0.0.1", protocol="http", port=passage.port,
            method="get" if sdk == "snowplow-get" else "post", batch_size=10,
            custom_retry_codes={401: False},
        )  # fmt: skip
        return Tracker("story", emitter, subject=subject, app_id=key)

    def signed_up() -> SelfDescribing:
        schema = "iglu:com.acme/Signed Up/jsonschema/1-0-0"
        return SelfDescribing(SelfDescribingJson(schema, PLAN))

    def tell(passage: Passage, key: str, who: Who) -> None:
        subject = Subject().set_domain_user_id(who.visitor)
        own = tracker(passage, key, subject)
        visited = StructuredEvent(category="site", action="Visited")
        own.track(visited)
        subject.set_user_id(who.user)
        own.track(signed_up())
        own.track(PageView("http://shop.example/", "Home"))
        own.track(StructuredEvent(category="site", action="Visited"))
        own.flush()
        wrong = tracker(passage, WRONG)
        wrong.track(StructuredEvent(category="site", action="Lost"))
        wrong.flush()

    nothing = Expected(traits=False, alias=False, group=False, company_name=False)
    story = told(sdk, tell, nothing)
    assert story.named("page")[0].properties["context.page.title"] == "Home"


def _segment(url: str, key: str) -> None:
    from segment.analytics.client import Client

    client = Client(key, host=url)
    client.track("ada", "Came Back")
    client.shutdown()


def _rudder(url: str, key: str) -> None:
    from rudderstack.analytics.client import Client

    client = Client(key, host=url)
    client.track("ada", "Came Back")
    client.shutdown()


def _posthog(url: str, key: str) -> None:
    from posthog import Posthog

    client = Posthog(key, host=url)
    client.capture("Came Back", distinct_id="ada")
    client.shutdown()


def _amplitude(url: str, key: str) -> None:
    from amplitude import Amplitude, BaseEvent, Config

    client = Amplitude(key, Config(server_url=f"{url}/2/httpapi", min_id_length=1))
    client.track(BaseEvent("Came Back", user_id="ada"))
    client.flush()
    time.sleep(1)  # it keeps what was turned away for its next turn
    client.shutdown()


def _snowplow(url: str, key: str) -> None:
    from snowplow_tracker import Emitter, StructuredEvent, Tracker

    emitter = Emitter(url, batch_size=1)
    Tracker("story", emitter, app_id=key).track(StructuredEvent("site", "Came Back"))
    emitter.flush()


@pytest.mark.parametrize("send", [_segment, _rudder, _posthog, _amplitude, _snowplow])
def test_who_is_turned_away_comes_back(send: Callable[[str, str], None], house: House) -> None:
    with Passage(house.url, twice=False, busy=1) as passage:
        send(passage.url, house.keys[BUSY])
        until = time.monotonic() + 10
        while not passage.answers and time.monotonic() < until:
            time.sleep(0.1)
    assert passage.busy == 0
    assert [status for _, status in passage.answers] == [200]
