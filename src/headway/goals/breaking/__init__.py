"""Targets broken down over time and drivers, and rolled up again."""
