"""What happened: the journal of deltas, field diffs and who made them, the past, recordings."""
