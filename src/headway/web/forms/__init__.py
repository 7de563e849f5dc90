"""Forms: what people type, read as what is saved, and back."""
