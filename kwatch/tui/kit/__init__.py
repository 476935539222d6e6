"""What every screen is built of: tables, texts, widgets. Knows nothing of the features that use it."""
