"""The wire protocol: what an API server answers over HTTP from the store."""
