"""What can be seen and done: one folder a feature, with its screen, rows and handlers; one file where that does."""
