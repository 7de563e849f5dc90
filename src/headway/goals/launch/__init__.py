"""What each launch did to the metrics that it should move."""
