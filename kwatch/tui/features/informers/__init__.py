"""How the informers are doing: the screen, and its rows."""
