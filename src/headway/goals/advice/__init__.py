"""What the coach says of the goals of a workspace."""
