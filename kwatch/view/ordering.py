"""The order of rows: by what, and kept sorted while rows come, go and change."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from typing import Any, Protocol, overload

from kwatch.catalog.column import plain_order
from kwatch.catalog.kind import Kind
from kwatch.query.row import Row, part_of

_LOAD = 512
"""Keys in a fresh chunk; one that doubles is split. Small enough that inserting moves little memory."""
_SHARED = 16
"""When so many keys share a rank on average, they are put together without being compared with each other."""
_SAMPLE = 1024
"""Ranks that are looked at to find that out."""
_BULK = 16
"""When more than one of this many keys moves, sorting all again is cheaper than moving each."""
ABSENT: Any = object()
"""The rank of a key that is not in the ordering."""


def tie(key: str) -> str:
    """Compares as (namespace, name) would: `shop/x` before `shop-a/x`."""
    return key.replace("/", "\0", 1)


class _Ranks(Protocol):
    """What an ordering knows of its keys: a dict, or less."""

    def get(self, key: str, default: Any, /) -> Any: ...
    def __getitem__(self, key: str, /) -> Any: ...
    def __setitem__(self, key: str, rank: Any, /) -> None: ...
    def __delitem__(self, key: str, /) -> None: ...
    def __contains__(self, key: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def keys(self) -> AbstractSet[str]: ...


class _Level:
    """The ranks of keys that all have the same: 0. A set, because filling a dict with 100,000 keys takes too long."""

    def __init__(self, members: set[str]) -> None:
        self._members = members

    def get(self, key: str, default: Any, /) -> Any:
        return 0 if key in self._members else default

    def __getitem__(self, key: str, /) -> Any:
        return 0

    def __setitem__(self, key: str, rank: Any, /) -> None:
        self._members.add(key)

    def __delitem__(self, key: str, /) -> None:
        self._members.remove(key)

    def __contains__(self, key: object, /) -> bool:
        return key in self._members

    def __len__(self) -> int:
        return len(self._members)

    def keys(self) -> AbstractSet[str]:
        return self._members


def _share_ranks(ranks: Mapping[str, Any]) -> bool:
    """Whether many keys have the same rank, judged by a sample."""
    if len(ranks) < _SAMPLE:
        return False
    sample = {*islice(ranks.values(), 0, None, len(ranks) // _SAMPLE)}
    return len(sample) * _SHARED < _SAMPLE


def _by_shared_rank(pairs: Iterable[tuple[str, Any]], descending: bool) -> list[str]:
    """The keys by rank, None last, otherwise as they come: distinct ranks are compared, not each with each."""
    groups: defaultdict[Any, list[str]] = defaultdict(list)
    for key, rank in pairs:
        groups[rank].append(key)
    blank = groups.pop(None, [])
    ranked = [groups[rank] for rank in sorted(groups, reverse=descending)]
    return list(chain.from_iterable([*ranked, blank]))


class Ordering(Sequence[str]):
    """Keys sorted by their ranks; None is last in both directions, and equal ranks are ordered by namespace and name in
    both directions. Ranks that cannot be compared with each other raise TypeError; fill it again then.

    A list in chunks: every change costs a few microseconds at 100,000 keys.
    """

    def __init__(self, descending: bool = False) -> None:
        self.descending = descending
        self._ranks: _Ranks = {}
        self._chunks: list[list[str]] = []
        self._starts: list[int] | None = None
        self._parts: Counter[int] | None = None

    def fill(self, ranks: dict[str, Any], *, tied: bool = False) -> None:
        """Hold these keys under these ranks. `tied`: the mapping is in the order of namespace and name already."""
        keys = list(ranks) if tied else sorted(ranks, key=tie)
        self._ranks = ranks
        if _share_ranks(ranks):
            pairs = ranks.items() if tied else [(key, ranks[key]) for key in keys]
            self._cut(_by_shared_rank(pairs, self.descending))
            return
        blank: list[str] = []
        if None in ranks.values():
            blank = [key for key in keys if ranks[key] is None]
            keys = [key for key in keys if ranks[key] is not None]
        keys.sort(key=ranks.__getitem__, reverse=self.descending)
        self._cut(keys + blank)

    def fill_level(self, keys: Sequence[str], members: set[str]) -> None:
        """Hold these keys, all under the rank 0. They come by namespace and name; the set of them is taken over."""
        self._ranks = _Level(members)
        self._cut(keys)

    def rank(self, key: str) -> Any:
        """Under which rank a key is there, or ABSENT."""
        return self._ranks.get(key, ABSENT)

    @property
    def members(self) -> AbstractSet[str]:
        return self._ranks.keys()

    def update(self, ranks: Mapping[str, Any], removed: Collection[str] = ()) -> None:
        """Put keys under (other) ranks, and take out others."""
        if (len(ranks) + len(removed)) * _BULK > len(self):
            self._update_all(ranks, removed)
            return
        for key in removed:
            self.remove(key)
        for key, rank in ranks.items():
            self.put(key, rank)

    def _update_all(self, ranks: Mapping[str, Any], removed: Collection[str]) -> None:
        known = self._ranks
        if isinstance(known, _Level):
            members = {*self, *ranks}.difference(removed)
            # Most are in order already, which sorting makes use of.
            keys = [key for key in self if key in members] if removed else [*self]
            keys += [key for key in ranks if key not in known and key in members]
            keys.sort(key=tie)
            self.fill_level(keys, members)
            return
        merged = {key: known[key] for key in self}
        merged.update(ranks)
        for key in removed:
            merged.pop(key, None)
        self.fill(merged)

    def put(self, key: str, rank: Any) -> None:
        old = self._ranks.get(key, ABSENT)
        if old is not ABSENT:
            if old == rank:
                return
            self.remove(key)
        if not self._chunks:
            self._chunks = [[]]
        place, offset = self._locate(key, rank)
        chunk = self._chunks[place]
        chunk.insert(offset, key)
        self._ranks[key] = rank
        self._starts = self._parts = None
        if len(chunk) > 2 * _LOAD:
            self._chunks[place : place + 1] = [chunk[:_LOAD], chunk[_LOAD:]]

    def remove(self, key: str) -> None:
        rank = self._ranks.get(key, ABSENT)
        if rank is ABSENT:
            return
        place, offset = self._locate(key, rank)
        chunk = self._chunks[place]
        del chunk[offset]
        del self._ranks[key]
        self._starts = self._parts = None
        if not chunk:
            del self._chunks[place]

    def position(self, key: str) -> int | None:
        rank = self._ranks.get(key, ABSENT)
        if rank is ABSENT:
            return None
        place, offset = self._locate(key, rank)
        return self._chunk_starts()[place] + offset

    def __len__(self) -> int:
        return len(self._ranks)

    def __contains__(self, key: object) -> bool:
        return key in self._ranks

    def counts_by_part(self) -> Counter[int]:
        """In a view of several resources: how many keys there are of each, by the place of the resource."""
        if self._parts is None:
            self._parts = Counter(map(part_of, self))
        return self._parts

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._chunks)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return self._slice(*index.indices(len(self)))
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        starts = self._chunk_starts()
        place = bisect_right(starts, index) - 1
        return self._chunks[place][index - starts[place]]

    def _slice(self, start: int, stop: int, step: int) -> list[str]:
        if step != 1:
            return [self[index] for index in range(start, stop, step)]
        found: list[str] = []
        starts = self._chunk_starts()
        place = bisect_right(starts, start) - 1 if start < stop else len(starts)
        while place < len(starts) and starts[place] < stop:
            first = starts[place]
            found += self._chunks[place][max(0, start - first) : stop - first]
            place += 1
        return found

    def _cut(self, keys: Sequence[str]) -> None:
        self._chunks = [list(keys[start : start + _LOAD]) for start in range(0, len(keys), _LOAD)]
        self._starts = self._parts = None

    def _chunk_starts(self) -> list[int]:
        """How many keys come before each chunk."""
        if self._starts is None:
            lengths = [len(chunk) for chunk in self._chunks[:-1]]
            self._starts = list(accumulate(lengths, initial=0)) if self._chunks else []
        return self._starts

    def _locate(self, key: str, rank: Any) -> tuple[int, int]:
        """The chunk and the place in it where the key is or belongs."""
        low, high = 0, len(self._chunks) - 1
        while low < high:
            middle = (low + high) // 2
            if self._is_before(self._chunks[middle][-1], key, rank):
                low = middle + 1
            else:
                high = middle
        chunk = self._chunks[low]
        first, last = 0, len(chunk)
        while first < last:
            middle = (first + last) // 2
            if self._is_before(chunk[middle], key, rank):
                first = middle + 1
            else:
                last = middle
        return low, first

    def _is_before(self, other: str, key: str, rank: Any) -> bool:
        """Whether a key that is there comes before another one of that rank."""
        other_rank = self._ranks[other]
        if other_rank == rank:
            return tie(other) < tie(key)
        if other_rank is None:
            return False
        if rank is None:
            return True
        return bool(rank < other_rank if self.descending else other_rank < rank)


@dataclass(frozen=True, slots=True)
class Changes:
    """What was done with keys that changed. `moved`: the order is another one. `changed`: shown rows whose cells may
    differ.
    """

    moved: bool = False
    changed: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    def then(self, later: Changes) -> Changes:
        return Changes(
            self.moved or later.moved,
            self.changed | later.changed,
            self.added | later.added,
            self.removed | later.removed,
        )


NAMESPACE = "namespace"


@dataclass(frozen=True, slots=True)
class Sort:
    """`by` is a column's place in the kind, NAMESPACE, or the name of an extra column."""

    by: int | str = NAMESPACE
    descending: bool = False


ExtraOrders = dict[str, Callable[[str], Any]]
"""Name of an extra column (`changed`, `deltas`) -> what to sort a key by; comparable, None last."""


class Ranking:
    """What rows are ordered by."""

    def __init__(self, sort: Sort, kind: Kind, extras: ExtraOrders) -> None:
        """Raise LookupError if there is no such column."""
        self.sort = sort
        self._place = sort.by if isinstance(sort.by, int) else None
        self._order = kind.columns[sort.by].order if isinstance(sort.by, int) else plain_order
        self._order_keys = kind.columns[sort.by].order_keys if isinstance(sort.by, int) else None
        self.needs_values = self._place is not None and self._order_keys is None
        """Whether objects must be read to order them."""
        self.is_level = sort == Sort(NAMESPACE)
        """Whether all ranks are 0: equal ones are ordered by namespace already."""
        self._extra = None if self._place is not None or sort.by == NAMESPACE else extras[str(sort.by)]
        self.by_type = False
        """Whether ranks of different types must be told apart, because they cannot be compared."""

    def of(self, row: Row) -> Any:
        """The rank of one row; None is last."""
        if self._order_keys is not None:
            (rank,) = self._order_keys((row.key,))
        elif self._place is not None:
            rank = self._order(row.values[self._place])
        elif self._extra is not None:
            rank = self._extra(row.key)
        else:
            return 0 if self.is_level else row.namespace
        return self._comparable(rank)

    def of_all(self, rows: Sequence[Row]) -> dict[str, Any]:
        """The ranks of many rows by their keys."""
        if self.is_level:
            return dict.fromkeys([row.key for row in rows], 0)
        if self._place is None or self.by_type:
            return {row.key: self.of(row) for row in rows}
        if self._order_keys is not None:
            keys = [row.key for row in rows]
            return dict(zip(keys, self._order_keys(keys), strict=True))
        place, order = self._place, self._order
        ranks = {row.key: order((row.known_values or row.values)[place]) for row in rows}
        for key in [key for key, rank in ranks.items() if rank != rank]:
            ranks[key] = None
        return ranks

    def arranged(self, rows: Sequence[Row], *, tied: bool) -> Ordering:
        """These rows in order; `tied`: equal ones come by namespace and name already."""
        order = Ordering(self.sort.descending)
        try:
            order.fill(self.of_all(rows), tied=tied)
        except TypeError:
            self.by_type = True
            order.fill(self.of_all(rows), tied=tied)
        return order

    def _comparable(self, rank: Any) -> Any:
        """A number that is none orders nothing."""
        if rank is None or rank != rank:
            return None
        return (type(rank).__name__, rank) if self.by_type else rank
