"""What customers are worth over time."""
