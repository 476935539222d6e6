"""A baseline, and everything that changed since it."""
