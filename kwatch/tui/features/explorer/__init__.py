"""The index explorer: facets beside the table, each value with a count and a bar."""
