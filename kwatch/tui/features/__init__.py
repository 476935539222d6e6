"""One folder a feature, each with its screen, its rows and its handlers."""
