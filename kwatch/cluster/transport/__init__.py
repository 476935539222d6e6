"""Bytes from an API server: one request after another over a pool, each of which can be aborted from any thread."""
