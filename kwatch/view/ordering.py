"""Keys in display order, kept sorted while they come, go and move."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any, overload

_LOAD = 512
"""Keys in a fresh chunk; one that doubles is split. Small enough that inserting moves little memory."""


def tie(key: str) -> str:
    """Compares as (namespace, name) would: `shop/x` before `shop-a/x`."""
    return key.replace("/", "\0", 1)


class Ordering(Sequence[str]):
    """A sorted sequence of keys by their ranks; None is last in both directions, and equal ranks are ordered by
    namespace and name in both directions.

    Ranks must be comparable with each other, or TypeError is raised and the ordering must be filled again. The caller
    remembers under which rank it put a key. A list in chunks: every change costs a few microseconds at 100,000 keys.
    """

    def __init__(self, descending: bool = False) -> None:
        self.descending = descending
        self._keys: list[list[str]] = []
        self._ranks: list[list[Any]] = []
        self._length = 0
        self._starts: list[int] | None = None

    def fill(self, ranks: Mapping[str, Any], *, tied: bool = False) -> None:
        """Hold exactly these keys. `tied`: the mapping is in the order of namespace and name already."""
        ranked = list(ranks) if tied else sorted(ranks, key=tie)
        if None in ranks.values():
            blank = [key for key in ranked if ranks[key] is None]
            ranked = [key for key in ranked if ranks[key] is not None]
        else:
            blank = []
        ranked.sort(key=ranks.__getitem__, reverse=self.descending)
        ranked += blank
        self._cut(ranked)
        self._ranks = [[ranks[key] for key in chunk] for chunk in self._keys]

    def fill_level(self, keys: Iterable[str]) -> None:
        """Hold exactly these keys, all under the rank 0; they must come by namespace and name."""
        self._cut(list(keys))
        self._ranks = [[0] * len(chunk) for chunk in self._keys]

    def _cut(self, keys: list[str]) -> None:
        self._keys = [keys[start : start + _LOAD] for start in range(0, len(keys), _LOAD)]
        self._length = len(keys)
        self._starts = None

    def add(self, key: str, rank: Any) -> None:
        """Put a key in its place."""
        if not self._keys:
            self._keys, self._ranks = [[]], [[]]
        chunk, place = self._locate(key, rank)
        keys = self._keys[chunk]
        keys.insert(place, key)
        self._ranks[chunk].insert(place, rank)
        self._length += 1
        self._starts = None
        if len(keys) > 2 * _LOAD:
            self._split(chunk)

    def remove(self, key: str, rank: Any) -> None:
        """Take out a key that was put in under this rank; raise KeyError if it was not."""
        chunk, place = self._find(key, rank)
        del self._keys[chunk][place]
        del self._ranks[chunk][place]
        self._length -= 1
        self._starts = None
        if not self._keys[chunk]:
            del self._keys[chunk]
            del self._ranks[chunk]

    def position(self, key: str, rank: Any) -> int:
        """Where a key is that was put in under this rank; raise KeyError if it was not."""
        chunk, place = self._find(key, rank)
        return self._chunk_starts()[chunk] + place

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._keys)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return self._slice(*index.indices(self._length))
        if index < 0:
            index += self._length
        if not 0 <= index < self._length:
            raise IndexError(index)
        starts = self._chunk_starts()
        chunk = bisect_right(starts, index) - 1
        return self._keys[chunk][index - starts[chunk]]

    def _slice(self, start: int, stop: int, step: int) -> list[str]:
        if step != 1:
            return [self[index] for index in range(start, stop, step)]
        found: list[str] = []
        starts = self._chunk_starts()
        chunk = bisect_right(starts, start) - 1 if start < stop else len(starts)
        while chunk < len(starts) and starts[chunk] < stop:
            offset = starts[chunk]
            found += self._keys[chunk][max(0, start - offset) : stop - offset]
            chunk += 1
        return found

    def _chunk_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = list(accumulate([len(chunk) for chunk in self._keys[:-1]], initial=0)) if self._keys else []
        return self._starts

    def _split(self, chunk: int) -> None:
        keys, ranks = self._keys[chunk], self._ranks[chunk]
        self._keys[chunk : chunk + 1] = [keys[:_LOAD], keys[_LOAD:]]
        self._ranks[chunk : chunk + 1] = [ranks[:_LOAD], ranks[_LOAD:]]

    def _find(self, key: str, rank: Any) -> tuple[int, int]:
        if self._keys:
            chunk, place = self._locate(key, rank)
            keys = self._keys[chunk]
            if place < len(keys) and keys[place] == key:
                return chunk, place
        raise KeyError(key)

    def _locate(self, key: str, rank: Any) -> tuple[int, int]:
        """The chunk and the place in it where the key is or belongs."""
        low, high = 0, len(self._keys) - 1
        while low < high:
            middle = (low + high) // 2
            if self._before(self._ranks[middle][-1], self._keys[middle][-1], rank, key):
                low = middle + 1
            else:
                high = middle
        keys, ranks = self._keys[low], self._ranks[low]
        first, last = 0, len(keys)
        while first < last:
            middle = (first + last) // 2
            if self._before(ranks[middle], keys[middle], rank, key):
                first = middle + 1
            else:
                last = middle
        return low, first

    def _before(self, rank: Any, key: str, other_rank: Any, other_key: str) -> bool:
        if rank == other_rank:
            return tie(key) < tie(other_key)
        if rank is None:
            return False
        if other_rank is None:
            return True
        return bool(other_rank < rank if self.descending else rank < other_rank)
