"""Terms of the filter language, one file a term: what it means, how it is written, how it is matched."""
