"""Lists to choose from: contexts, namespaces, themes, views, commands, containers."""
