"""Time travel: the table as it was, moved from delta to delta."""
