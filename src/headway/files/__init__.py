"""A workspace kept as YAML files: read, planned, applied and exported."""
