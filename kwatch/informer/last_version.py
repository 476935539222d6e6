"""How far the store has followed the server."""

from __future__ import annotations


class LastVersion:
    """The resource version of the last thing that reached the store.

    `unavailable` says that the server refused it as too old or too new, so that the next list must take what there is.
    """

    def __init__(self) -> None:
        self.value = ""
        self.unavailable = False

    def set(self, value: str) -> None:
        """The store follows up to here."""
        self.value = value

    def listed(self, value: str) -> None:
        """A whole list of this version reached the store."""
        self.value = value
        self.unavailable = False

    def give_up(self) -> None:
        """The server does not have this version."""
        self.unavailable = True

    def for_list(self) -> str:
        """The version to list at: any, where none is known yet."""
        return "" if self.unavailable else self.value or "0"

    def for_streaming_list(self) -> str:
        """The version to stream from."""
        return "" if self.unavailable else self.value
