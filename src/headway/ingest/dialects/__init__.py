"""What the SDKs that teams already have send: one file for each, pure."""

from __future__ import annotations

from headway.ingest.dialects.amplitude import AMPLITUDE
from headway.ingest.dialects.cleaned import CLEANED
from headway.ingest.dialects.dialect import Dialect
from headway.ingest.dialects.mixpanel import MIXPANEL
from headway.ingest.dialects.posthog import POSTHOG
from headway.ingest.dialects.rudder import RUDDER
from headway.ingest.dialects.segment import SEGMENT
from headway.ingest.dialects.snowplow import SNOWPLOW
from headway.ingest.dialects.stripe import STRIPE
from headway.ingest.dialects.survey import SURVEY
from headway.ingest.dialects.uptime import UPTIME

DIALECTS: dict[str, Dialect] = {
    "segment": SEGMENT,
    "rudder": RUDDER,
    "posthog": POSTHOG,
    "amplitude": AMPLITUDE,
    "mixpanel": MIXPANEL,
    "snowplow": SNOWPLOW,
}

OWN: dict[str, Dialect] = {"survey": SURVEY, "uptime": UPTIME, "cleaned": CLEANED}
"""What Headway itself sends: its script in the pages of others, its worker, and its door."""

TOOLS: dict[str, Dialect] = {"stripe": STRIPE}
"""What tools send by themselves when something happens in them."""

SPOKEN = {**DIALECTS, **TOOLS, **OWN}
