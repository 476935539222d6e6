"""What can be wrong with a recording."""

from __future__ import annotations


class RecordingError(ValueError):
    """The file cannot be read or written as a recording; the text is one sentence for people."""
