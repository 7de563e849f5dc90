"""A linter for goals: what is said about them, why it matters, and how to mend it."""
