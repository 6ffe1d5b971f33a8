"""Finds the dialects and mounts them on one app; has no opinion of its own."""
