"""What a user is told whose words do not fit."""

from __future__ import annotations


class UsageError(Exception):
    """The words do not fit; the text is a sentence for the user."""
