"""Headway: objectives and key results that measure themselves."""

__version__ = "0.1.0"
