"""The JSON API: the same objects and actions as the pages, with the fields of the files."""
