"""User settings, key map, theme files."""
