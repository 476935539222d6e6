"""A cluster in a process: an API server that speaks the wire protocol, with a living scenario."""
