"""Plain output: rows and NDJSON for pipes and scripts."""
