"""What is wrong with the user's files or words, in a sentence that says what to do."""

from __future__ import annotations


class ConfigError(ValueError):
    """The kubeconfig, or what was asked for on the command line, cannot be used; the text is for the user."""
