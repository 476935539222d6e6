"""One file a family of kinds: the fields that are read, and the columns the API server prints."""
