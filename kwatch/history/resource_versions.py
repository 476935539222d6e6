"""resourceVersions as numbers: the server's are decimal, and whatever is not gets a number of its own."""

from __future__ import annotations

_LARGEST = 1 << 62


class ResourceVersionNumbers:
    """Maps resourceVersions to integers and back; odd ones are below zero. Used under the journal's lock."""

    def __init__(self) -> None:
        self._odd: dict[str, int] = {}
        self._texts: list[str] = []

    def number(self, text: str) -> int:
        """The number of a resourceVersion."""
        if text.isascii() and text.isdigit() and text[0] != "0":
            value = int(text)
            if value < _LARGEST:
                return value
        known = self._odd.get(text)
        if known is None:
            self._texts.append(text)
            known = self._odd[text] = -len(self._texts)
        return known

    def text(self, number: int) -> str:
        """The resourceVersion of a number."""
        return str(number) if number > 0 else self._texts[-number - 1]
