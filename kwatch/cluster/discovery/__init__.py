"""What the server offers: resources with their names, kinds, scope and verbs."""
