"""The built-in kinds, one file a family: the fields that are read, and the columns the API server prints."""
