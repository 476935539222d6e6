"""Everything that is wrong, across all watched kinds: the screen, and what finds it out."""
