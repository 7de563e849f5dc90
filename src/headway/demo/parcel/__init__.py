"""Parcel: a company that does not exist, simulated day by day, with its truth written down."""

from headway.demo.parcel.generate import PRODUCT, TELEMATICS, Parcel, draw
from headway.demo.parcel.truth import Effect, Incident, Launch, Truth

__all__ = ["PRODUCT", "TELEMATICS", "Effect", "Incident", "Launch", "Parcel", "Truth", "draw"]
