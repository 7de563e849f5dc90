"""The end of a cycle: answered, frozen, restated beside, and what comes next."""
