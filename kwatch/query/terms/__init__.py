"""One file a term of the filter language: what it means, how it is written, how it is matched."""
