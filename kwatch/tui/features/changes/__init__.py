"""A baseline, and everything that changed since it. `comparing` makes the list in a thread; `baseline` sets it."""
