"""Recordings: what an informer saw, in a file that survives its recorder. `format` documents the file."""
