"""The filter language, compiled against the indices."""
