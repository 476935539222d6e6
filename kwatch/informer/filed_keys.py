"""The keys that are filed under one value of an index."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from sys import getsizeof

_FEW = 16
"""Keys up to which another tuple is made for each that comes or goes."""
_SETTLED = 4
"""One part in so many may have come or gone before another tuple is made."""


class FiledKeys:
    """Distinct keys in no particular order: a tuple, and what came and went since it was made.

    A set takes 35 bytes and more for each, and a quarter of a kilobyte for one; a tuple takes 8. Adding and removing
    cost what they cost in a set, on average.
    """

    __slots__ = ("_came", "_gone", "_settled")

    def __init__(self, *keys: str) -> None:
        self._settled = keys
        self._came: set[str] | None = None
        self._gone: set[str] | None = None

    def __len__(self) -> int:
        came, gone = self._came, self._gone
        return len(self._settled) + (len(came) if came else 0) - (len(gone) if gone else 0)

    def __iter__(self) -> Iterator[str]:
        gone = self._gone
        still = [key for key in self._settled if key not in gone] if gone else self._settled
        return chain(still, self._came) if self._came else iter(still)

    def add(self, key: str) -> None:
        """Add one that is not there."""
        settled = self._settled
        if len(settled) < _FEW:
            self._settled = (*settled, key)
        elif self._gone and key in self._gone:
            self._gone.remove(key)
        elif (came := self._came) is None:
            self._came = {key}
        else:
            came.add(key)
            if len(came) * _SETTLED > len(settled):
                self.settle()

    def remove(self, key: str) -> None:
        """Take out one that is there."""
        settled = self._settled
        if self._came and key in self._came:
            self._came.remove(key)
        elif len(settled) <= _FEW:
            self._settled = tuple([each for each in settled if each != key])
        elif (gone := self._gone) is None:
            self._gone = {key}
        else:
            gone.add(key)
            if len(gone) * _SETTLED > len(settled):
                self.settle()

    def settle(self) -> None:
        """Take as little room as can be."""
        if self._gone:
            self._settled = tuple(self)
        elif self._came:
            self._settled += tuple(self._came)
        self._came = self._gone = None

    @property
    def bytes(self) -> int:
        """What it takes, without the keys themselves."""
        parts = (self, self._settled, self._came, self._gone)
        return sum([getsizeof(each) for each in parts if each is not None])
