"""Outputs as A/B tests: their design, what they would show, what they say."""
