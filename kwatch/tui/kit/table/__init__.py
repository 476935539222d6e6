"""A table that renders only what is on screen, over rows that are known by key."""
