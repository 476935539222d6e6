"""What the objects of the simulated cluster look like: one file a family, functions that build plain dicts."""
