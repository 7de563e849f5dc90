"""What a team looks back on, as a page, Markdown and PDF."""
