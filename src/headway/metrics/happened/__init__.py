"""What happened: annotations, as rows, as a table, and as flags of a picture."""
