"""Everything that arrives: the screen, and its rows."""
