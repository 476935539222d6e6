"""Everything that arrived, in the order of sequence: which life each delta belongs to."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right

_COMPACT_AFTER = 65_536
"""Entries dropped at the front before the arrays are moved."""


class DeltaLog:
    """Sequences, which only grow, and the numbers of lives, side by side. Under the journal's lock."""

    def __init__(self) -> None:
        self._sequences = array("q")
        self._histories = array("q")
        self._start = 0
        self.last_sequence = 0
        """The highest sequence so far, kept or not; 0 before the first."""

    def __len__(self) -> int:
        return len(self._sequences) - self._start

    def append(self, sequence: int, history: int) -> None:
        """Add a delta, whose sequence is higher than any before."""
        self.last_sequence = sequence
        self._sequences.append(sequence)
        self._histories.append(history)

    def entry(self, index: int) -> tuple[int, int]:
        """Sequence and life of the entry at `index`, counted from the oldest kept."""
        return self._sequences[self._start + index], self._histories[self._start + index]

    def entries(self, start: int, stop: int) -> list[tuple[int, int]]:
        """The entries from `start` up to `stop`."""
        first, last = self._start + max(0, start), self._start + min(len(self), stop)
        return list(zip(self._sequences[first:last], self._histories[first:last], strict=True))

    def after(self, sequence: int) -> int:
        """The index of the first entry with a higher sequence."""
        return bisect_right(self._sequences, sequence, self._start) - self._start

    def from_(self, sequence: int) -> int:
        """The index of the first entry with this or a higher sequence."""
        return bisect_left(self._sequences, sequence, self._start) - self._start

    def drop_front(self) -> None:
        """Forget the oldest entry."""
        self._start += 1
        if self._start >= _COMPACT_AFTER and self._start * 2 >= len(self._sequences):
            del self._sequences[: self._start]
            del self._histories[: self._start]
            self._start = 0
