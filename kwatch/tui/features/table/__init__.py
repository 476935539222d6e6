"""The table of one place: where its rows come from, and how they are filtered, ordered and shown."""
