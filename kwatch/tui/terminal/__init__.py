"""The terminal: what comes from it, what is drawn on it, and how it is left as it was. Begin with `driver`."""
