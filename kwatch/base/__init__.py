"""Small shared things, each once: every other part may use them, and they know none of the others."""
