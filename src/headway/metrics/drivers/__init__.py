"""What a metric is made of, and which part of it moved."""
