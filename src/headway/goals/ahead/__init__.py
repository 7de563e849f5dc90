"""What comes: chances, prospects, seasons, and how far a metric moved before."""
