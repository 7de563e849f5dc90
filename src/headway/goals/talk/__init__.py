"""What people say of a goal."""
